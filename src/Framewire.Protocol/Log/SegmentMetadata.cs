using System.Buffers;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.Video;

namespace Framewire.Protocol.Log;

/// <summary>The two Metadata records of a segment: what it is of, and, once it is closed, what is in it. Pure.</summary>
/// <remarks>
/// https://mcap.dev/spec#metadata-op0x0c. Names and values are text; each record has a CRC-32 of its own, as MCAP gives it none.
/// <code>
///   | 0C | u64 length | name | u32 bytes of what follows | ( key | value ) ... |
/// </code>
/// </remarks>
internal static class SegmentMetadata
{
    public const string HeaderName = "framewire";
    public const string ContentsName = "framewire.contents";
    private const string ChecksumKey = "crc32";

    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    /// <summary>Writes what a segment is of.</summary>
    /// <returns>The record's length.</returns>
    public static int WriteHeader(IBufferWriter<byte> to, SegmentHeader header) => Write(to, HeaderName,
    [
        ("stream", header.Stream),
        ("session", header.Session),
        ("session_started_at_unix_micros", Text(header.SessionStartedAt)),
        ("codec", header.Format.Codec.ToString().ToLowerInvariant()),
        ("width", header.Format.Width.ToString(Plain)),
        ("height", header.Format.Height.ToString(Plain)),
        ("frame_rate", header.Format.FrameRate.ToString("R", Plain)),
        ("held_through", header.HeldThrough.ToString(Plain)),
    ]);

    /// <summary>Writes what is in a segment.</summary>
    /// <returns>The record's length.</returns>
    public static int WriteContents(IBufferWriter<byte> to, SegmentSummary summary) => Write(to, ContentsName,
    [
        ("frames", summary.Frames.ToString(Plain)),
        ("sequences", string.Join(',', summary.Runs.Select(run => $"{run.First}-{run.Last}"))),
        ("first_captured_at_unix_micros", Text(summary.FirstCapturedAt)),
        ("last_captured_at_unix_micros", Text(summary.LastCapturedAt)),
        ("gaps", string.Join(',', summary.Gaps.Select(gap => $"{gap.Gap.First}-{gap.Gap.Last} {(int)gap.Gap.Reason} {Text(gap.From)} {Text(gap.Until)}"))),
        ("damage", string.Join('\n', summary.Damage)),
        ("results", summary.Results.Frames.ToString(Plain)),
        ("results_first_captured_at_unix_micros", Text(summary.Results.FirstCapturedAt)),
        ("results_last_captured_at_unix_micros", Text(summary.Results.LastCapturedAt)),
        ("labels", string.Join(',', summary.Results.Labels.Select(Text))),
        ("more_labels", summary.Results.HasMoreLabels ? "true" : "false"),
    ]);

    /// <summary>Reads what a segment is of.</summary>
    /// <exception cref="InvalidDataException">It is not that, or damaged.</exception>
    public static SegmentHeader ReadHeader(ReadOnlySpan<byte> record) => Understood(Read(record, HeaderName), ToHeader);

    /// <summary>Reads what is in a segment.</summary>
    /// <exception cref="InvalidDataException">It is not that, or damaged.</exception>
    public static SegmentSummary ReadContents(ReadOnlySpan<byte> record, SegmentHeader header, long bytes) =>
        Understood(Read(record, ContentsName), values => ToSummary(values, header, bytes));

    private static SegmentHeader ToHeader(Dictionary<string, string> values)
    {
        var format = new V1.Format
        {
            Codec = (V1.Codec)Enum.Parse<Codec>(values["codec"], ignoreCase: true),
            Width = uint.Parse(values["width"], Plain),
            Height = uint.Parse(values["height"], Plain),
            FrameRate = double.Parse(values["frame_rate"], Plain),
        };
        return new SegmentHeader(
            values["stream"],
            values["session"],
            Time(values["session_started_at_unix_micros"]),
            FormatCoding.FromWire(format, out var mistake) ?? throw new FormatException(mistake),
            ulong.Parse(values["held_through"], Plain));
    }

    private static SegmentSummary ToSummary(Dictionary<string, string> values, SegmentHeader header, long bytes)
    {
        SequenceRun[] runs = [.. Items(values["sequences"], ',').Select(Run)];
        return new SegmentSummary
        {
            Header = header,
            FirstSequence = runs.Length > 0 ? runs[0].First : 0,
            LastSequence = runs.Length > 0 ? runs[^1].Last : 0,
            FirstCapturedAt = Time(values["first_captured_at_unix_micros"]),
            LastCapturedAt = Time(values["last_captured_at_unix_micros"]),
            Frames = long.Parse(values["frames"], Plain),
            Bytes = bytes,
            Gaps = [.. Items(values["gaps"], ',').Select(ParseGap)],
            Runs = runs,
            IsClosed = true,
            Damage = Items(values["damage"], '\n'),
            Results = values.ContainsKey("results") ? ToResults(values) : SegmentResults.None, // not in segments of earlier versions
        };
    }

    private static SegmentResults ToResults(Dictionary<string, string> values) => new()
    {
        Frames = long.Parse(values["results"], Plain),
        FirstCapturedAt = Time(values["results_first_captured_at_unix_micros"]),
        LastCapturedAt = Time(values["results_last_captured_at_unix_micros"]),
        Labels = [.. Items(values["labels"], ',').Select(ParseLabel)],
        HasMoreLabels = bool.Parse(values["more_labels"]),
    };

    private static int Write(IBufferWriter<byte> to, string name, (string Key, string Value)[] values) => to.PutRecord(McapOpcode.Metadata, record =>
    {
        record.PutString(name);
        record.PutSized(McapWriting.Bytes(map =>
        {
            foreach (var (key, value) in (ReadOnlySpan<(string, string)>)[.. values, (ChecksumKey, Checksum(values))])
            {
                map.PutString(key);
                map.PutString(value);
            }
        }));
    });

    private static Dictionary<string, string> Read(ReadOnlySpan<byte> record, string name)
    {
        var fields = new McapFields(record);
        if (fields.String() != name)
            throw new InvalidDataException($"It has no metadata named {name}.");
        var map = new McapFields(fields.Sized());
        var values = new List<(string Key, string Value)>();
        while (!map.AtEnd)
            values.Add((map.String(), map.String()));
        var stated = values.LastOrDefault(value => value.Key == ChecksumKey).Value;
        values.RemoveAll(value => value.Key == ChecksumKey);
        return stated == Checksum(values)
            ? values.DistinctBy(value => value.Key).ToDictionary(value => value.Key, value => value.Value)
            : throw new InvalidDataException($"The metadata named {name} is damaged.");
    }

    private static T Understood<T>(Dictionary<string, string> values, Func<Dictionary<string, string>, T> read)
    {
        try
        {
            return read(values);
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException or KeyNotFoundException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"The segment's metadata cannot be understood: {e.Message}", e);
        }
    }

    private static string Checksum(IEnumerable<(string Key, string Value)> values) =>
        Crc32.HashToUInt32(Encoding.UTF8.GetBytes(string.Concat(values.Select(value => $"{value.Key}\0{value.Value}\0")))).ToString("x8", Plain);

    private static string[] Items(string text, char separator) => text.Length == 0 ? [] : text.Split(separator);

    private static SequenceRun Run(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        return new SequenceRun(ulong.Parse(text.AsSpan(0, dash), Plain), ulong.Parse(text.AsSpan(dash + 1), Plain));
    }

    private static LogGap ParseGap(string text)
    {
        var parts = text.Split(' ');
        var run = Run(parts[0]);
        return new LogGap(new Gap(run.First, run.Last, (DropReason)int.Parse(parts[1], Plain)), Time(parts[2]), Time(parts[3]));
    }

    private static string Text(LabelSum sum) => string.Create(Plain, $"{Uri.EscapeDataString(sum.Processor)} {Uri.EscapeDataString(sum.Label)} {sum.Frames} {sum.MaxScore:R}");

    private static LabelSum ParseLabel(string text)
    {
        var parts = text.Split(' ');
        return new LabelSum(Uri.UnescapeDataString(parts[0]), Uri.UnescapeDataString(parts[1]), long.Parse(parts[2], Plain), float.Parse(parts[3], Plain));
    }

    private static string Text(DateTimeOffset time) => (time == default ? 0 : Micros.Of(time)).ToString(Plain);

    private static DateTimeOffset Time(string text) => Micros.ToDateTimeOffset(long.Parse(text, Plain));
}
