namespace Framewire.Edge;

/// <summary>The far end makes going on impossible. The message says what happened, to what, and what to do next, on one line.</summary>
public class LinkException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The server was not found, or not in the time given for that.</summary>
public sealed class ServerNotFoundException(string message, Exception? inner = null) : LinkException(message, inner);
