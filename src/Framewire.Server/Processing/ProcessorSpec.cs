using System.IO.Enumeration;

namespace Framewire.Server.Processing;

/// <summary>Which processor it is and what it wants. Instances of one processor want the same. Immutable.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Streams">The streams: names with * and ?.</param>
/// <param name="Form">What frames are to be like.</param>
/// <param name="EveryFrame">Whether publishers of lossless sessions wait for it.</param>
internal sealed record ProcessorSpec(string Name, IReadOnlyList<string> Streams, FrameForm Form, bool EveryFrame)
{
    /// <summary>The streams that whoever attached it may process: it has none beyond them.</summary>
    public IReadOnlyList<string> Allowed { get; init; } = ["*"];

    /// <summary>Whether it processes a stream.</summary>
    public bool Matches(string stream) => IsIn(Streams, stream) && IsIn(Allowed, stream);

    private static bool IsIn(IReadOnlyList<string> patterns, string stream) => patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, stream, ignoreCase: false));

    /// <summary>Whether two instances want the same.</summary>
    public bool IsLike(ProcessorSpec other) =>
        Form == other.Form && EveryFrame == other.EveryFrame && AreLike(Streams, other.Streams) && AreLike(Allowed, other.Allowed);

    private static bool AreLike(IReadOnlyList<string> some, IReadOnlyList<string> others) =>
        some.Order(StringComparer.Ordinal).SequenceEqual(others.Order(StringComparer.Ordinal));

    /// <inheritdoc/>
    public override string ToString() => $"{string.Join(", ", Streams)} as {Form}, {(EveryFrame ? "every frame" : "the newest frames")}";
}
