namespace Framewire.Protocol.Media;

/// <summary>Something that handles media, a child process or a library, is missing or refused. The message says what happened, to what, and what to do next, on one line.</summary>
public class MediaException(string message, Exception? inner = null) : Exception(message, inner);
