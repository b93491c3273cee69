using Framewire.Protocol.Media;

namespace Framewire.Edge.Sources;

/// <summary>A source cannot be opened or broke. The message says what happened, to what, and what to do next, on one line.</summary>
public sealed class SourceException(string message, Exception? inner = null) : MediaException(message, inner);
