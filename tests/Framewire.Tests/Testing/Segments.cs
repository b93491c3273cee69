using System.Security.Cryptography;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.Log;
using Framewire.Protocol.Video;

namespace Framewire.Tests.Testing;

/// <summary>Makes segments and their entries for tests, and tells entries apart. Stateless.</summary>
internal static class Segments
{
    public static readonly DateTimeOffset Start = ManualClock.Start;

    public static SegmentHeader Header(Codec codec = Codec.H264, ulong heldThrough = 0) =>
        new("cam-1", "session-a", Start, new StreamFormat(codec, 64, 48, 29.97), heldThrough);

    /// <summary>A frame whose bytes are random but always the same for its sequence.</summary>
    public static LogEntry.Picture Picture(ulong sequence, int bytes = 40, bool isKeyframe = true, long capturedMillis = -1, bool hasMetadata = false)
    {
        var buffer = FrameBuffer.Rent(bytes);
        new Random((int)sequence).NextBytes(buffer.Memory.Span);
        var captured = Start + TimeSpan.FromMilliseconds(capturedMillis >= 0 ? capturedMillis : 33 * (long)sequence);
        return new LogEntry.Picture(new Frame
        {
            Sequence = sequence,
            Pts = TimeSpan.FromMilliseconds(33 * (long)sequence),
            CapturedAt = captured,
            ReceivedAt = sequence % 2 == 0 ? default : captured + TimeSpan.FromMilliseconds(5),
            IsKeyframe = isKeyframe,
            Metadata = hasMetadata ? new Dictionary<string, string> { ["exposure"] = "1/60", ["name"] = "Kamera ä" } : Frame.NoMetadata,
            Buffer = buffer,
        });
    }

    public static LogEntry.Missing Missing(ulong first, ulong last, DropReason reason = DropReason.Late) =>
        new(new LogGap(new Gap(first, last, reason), Start + TimeSpan.FromMilliseconds(33 * (long)(first - 1)), default));

    /// <summary>What one processor found in a frame: these labels, one score for all, each in the same box.</summary>
    public static LogEntry.Results Results(ulong sequence, string[] labels, float score = 0.5f, string processor = "people", string session = "session-a", long capturedMillis = -1) =>
        Results(sequence, session, capturedMillis, new FrameResult { Processor = processor, Detections = [.. labels.Select(label => new Detection(label, score, new Box(0.25f, 0.5f, 0.125f, 0.25f)))] });

    /// <summary>What processors made of a frame.</summary>
    public static LogEntry.Results Results(ulong sequence, string session, long capturedMillis, params FrameResult[] results) => new(new FrameResults(
        session, sequence, Start + TimeSpan.FromMilliseconds(capturedMillis >= 0 ? capturedMillis : 33 * (long)sequence), results));

    /// <summary>All that results say, as text.</summary>
    public static string[] Told(IEnumerable<FrameResults> results) => [.. results.Select(result => ResultCoding.ToWire(result).ToString())];

    /// <summary>Chunks of so many frames each, the first of each a keyframe.</summary>
    public static List<LogEntry[]> Chunks(int chunks, int frames, int bytes = 40) =>
        [.. Enumerable.Range(0, chunks).Select(chunk => Enumerable.Range(0, frames).Select(LogEntry (i) =>
            Picture((ulong)((chunk * frames) + i + 1), bytes, isKeyframe: i == 0)).ToArray())];

    /// <summary>Writes a segment and tells where each append ended.</summary>
    public static List<long> Write(string path, SegmentHeader header, IEnumerable<IReadOnlyList<LogEntry>> appends, bool closes)
    {
        using var writer = SegmentWriter.Create(path, header);
        var ends = new List<long> { writer.Length };
        foreach (var entries in appends)
        {
            writer.Append(entries);
            ends.Add(writer.Length);
        }

        if (closes)
            writer.Close();
        return ends;
    }

    /// <summary>All that an entry says, as text, with a hash of its picture. Lets go of the frame.</summary>
    public static string Told(LogEntry entry)
    {
        if (entry is not LogEntry.Picture { Frame: var frame })
            return entry.ToString();
        var hash = Convert.ToHexStringLower(SHA256.HashData(frame.Payload.Span));
        var metadata = string.Join(',', frame.Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal));
        return $"{frame.Sequence} {frame.Pts} {frame.CapturedAt:O} {frame.ReceivedAt:O} {frame.IsKeyframe} {metadata} {frame.Payload.Length} {hash}";
    }

    public static string[] Told(IEnumerable<LogEntry> entries) => [.. entries.Select(entry =>
    {
        var told = Told(entry);
        (entry as LogEntry.Picture)?.Frame.Release();
        return told;
    })];

    /// <summary>As <see cref="Told(IEnumerable{LogEntry})"/>, for entries that are still needed.</summary>
    public static string[] Expected(IEnumerable<LogEntry> entries) => [.. entries.Select(Told)];

    public static string[] ReadAll(string path)
    {
        using var reader = SegmentReader.Open(path);
        return Told(reader.ReadAll());
    }

    public static string[] ReadResults(string path)
    {
        using var reader = SegmentReader.Open(path);
        return Told(reader.ReadResults());
    }

    public static ulong[] Sequences(IEnumerable<LogEntry> entries) => [.. entries.OfType<LogEntry.Picture>().Select(entry =>
    {
        entry.Frame.Release();
        return entry.Frame.Sequence;
    })];
}
