using System.IO.Enumeration;

namespace Framewire.Server.Processing;

/// <summary>Which processor it is and what it wants. Instances of one processor want the same. Immutable.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Streams">The streams: names with * and ?.</param>
/// <param name="Form">What frames are to be like.</param>
/// <param name="EveryFrame">Whether publishers of lossless sessions wait for it.</param>
internal sealed record ProcessorSpec(string Name, IReadOnlyList<string> Streams, FrameForm Form, bool EveryFrame)
{
    /// <summary>Whether it processes a stream.</summary>
    public bool Matches(string stream) => Streams.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, stream, ignoreCase: false));

    /// <summary>Whether two instances want the same.</summary>
    public bool IsLike(ProcessorSpec other) =>
        Form == other.Form && EveryFrame == other.EveryFrame && Streams.Order(StringComparer.Ordinal).SequenceEqual(other.Streams.Order(StringComparer.Ordinal));

    /// <inheritdoc/>
    public override string ToString() => $"{string.Join(", ", Streams)} as {Form}, {(EveryFrame ? "every frame" : "the newest frames")}";
}
