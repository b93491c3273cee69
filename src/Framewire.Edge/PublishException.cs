namespace Framewire.Edge;

/// <summary>A publisher cannot go on. The message says what happened, to what, and what to do next, on one line.</summary>
public class PublishException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The server was not found in the time given for that.</summary>
public sealed class ServerNotFoundException(string message, Exception? inner = null) : PublishException(message, inner);
