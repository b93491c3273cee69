using System.Text.Json;
using Framewire.Protocol.Video;

namespace Framewire.Cli.Sinks;

/// <summary>Writes what processors made of frames as lines of JSON, one a frame, each at once. Owned by one command; not thread-safe.</summary>
internal sealed class ResultSink : IDisposable
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly TextWriter _to;

    private ResultSink(TextWriter to) => _to = to;

    /// <summary>Opens it.</summary>
    /// <param name="place"><c>-</c> for standard output, or a file, which is written anew; null for nowhere.</param>
    public static ResultSink? Create(string? place) => place switch
    {
        null => null,
        "-" => new ResultSink(Console.Out),
        _ => new ResultSink(new StreamWriter(place) { AutoFlush = true }),
    };

    /// <summary>Writes the line of one frame, if processors were to look at it.</summary>
    public void Write(ulong sequence, IReadOnlyList<FrameResult> results)
    {
        if (results.Count > 0)
            _to.WriteLine(JsonSerializer.Serialize(new { sequence, results = results.Select(Describe) }, Json));
    }

    public void Dispose()
    {
        if (_to != Console.Out)
            _to.Dispose();
    }

    private static object Describe(FrameResult result) => new
    {
        result.Processor,
        State = JsonNamingPolicy.SnakeCaseLower.ConvertName(result.State.ToString()),
        result.Reply,
        Detections = result.Detections.Select(detection => new
        {
            detection.Label,
            Score = Number(detection.Score),
            Box = detection.Box is { } box ? new[] { Number(box.X), Number(box.Y), Number(box.Width), Number(box.Height) } : null,
            detection.TrackId,
        }),
        result.Values,
        Data = result.Data.IsEmpty ? null : Convert.ToBase64String(result.Data.Span),
        Error = result.Error.Length == 0 ? null : result.Error,
    };

    private static double Number(float number) => Math.Round(number, 5);
}
