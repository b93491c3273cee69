namespace Framewire.Protocol.Video;

/// <summary>How a processor fared with a frame. The numbers are those of <c>framewire.v1.ResultState</c>.</summary>
public enum ResultState
{
    /// <summary>It looked at the frame, and this is what it made of it.</summary>
    Done = 1,

    /// <summary>It did not look: it was busy, or gone, and the frame did not wait.</summary>
    Skipped = 2,

    /// <summary>It, or the decoder before it, tried and could not.</summary>
    Failed = 3,
}

/// <summary>What one processor made of one frame. Immutable.</summary>
public sealed record FrameResult
{
    /// <summary>The most bytes that one takes on the wire.</summary>
    public const int MaxBytes = 64 * 1024;

    private static readonly IReadOnlyDictionary<string, string> NoValues = new Dictionary<string, string>();

    /// <summary>The processor's name. Set by the server.</summary>
    public string Processor { get; init; } = "";

    /// <summary>How it fared.</summary>
    public ResultState State { get; init; } = ResultState.Done;

    /// <summary>The integer for the seed's <c>reply</c>, such as how many there are; null for none.</summary>
    public int? Reply { get; init; }

    /// <summary>What is in the picture.</summary>
    public IReadOnlyList<Detection> Detections { get; init; } = [];

    /// <summary>Free key-value pairs; numbers as text, in the invariant culture.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = NoValues;

    /// <summary>Anything else, for whoever knows the processor.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Why it could not, for people; empty if it could.</summary>
    public string Error { get; init; } = "";

    /// <summary>A processor that did not look at the frame.</summary>
    public static FrameResult Skipped(string processor) => new() { Processor = processor, State = ResultState.Skipped };

    /// <summary>A processor that could not do the frame.</summary>
    public static FrameResult Failed(string processor, string error) => new() { Processor = processor, State = ResultState.Failed, Error = error };
}

/// <summary>One thing that is in the picture. Immutable.</summary>
/// <param name="Label">What it is: "person".</param>
/// <param name="Score">How sure the processor is; by its own measure, higher is surer.</param>
/// <param name="Box">Where it is; null for the whole picture.</param>
/// <param name="TrackId">The same for the same thing from frame to frame; 0 if it is not followed.</param>
public sealed record Detection(string Label, float Score, Box? Box = null, ulong TrackId = 0);

/// <summary>A rectangle as shares of the picture's width and height; what is partly outside may go beyond 0 to 1.</summary>
/// <param name="X">The left edge.</param>
/// <param name="Y">The upper edge.</param>
/// <param name="Width">Width, in widths of the picture.</param>
/// <param name="Height">Height, in heights of the picture.</param>
public readonly record struct Box(float X, float Y, float Width, float Height);

/// <summary>All that the processors made of one frame. Immutable.</summary>
/// <param name="Session">The session that the frame belongs to.</param>
/// <param name="Sequence">The frame's sequence.</param>
/// <param name="CapturedAt">When it was captured.</param>
/// <param name="Results">One for each processor that was to look at it, by the processor's name.</param>
public sealed record FrameResults(string Session, ulong Sequence, DateTimeOffset CapturedAt, IReadOnlyList<FrameResult> Results);
