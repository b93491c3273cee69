using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Framewire.Protocol.Log;
using Framewire.Protocol.Video;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Interop;

/// <summary>Segments against @mcap/core, which reads them by their summary and from front to back (tests/interop/mcap).</summary>
[Trait("Category", "Interop")]
public sealed class McapPeersTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Folder _folder = new();

    private string Path => _folder["segment.mcap"];

    public void Dispose() => _folder.Dispose();

    private async Task<(JsonElement Indexed, JsonElement Streamed)> ReadAsync()
    {
        var output = await ChildProcess.RunAsync("node", [Repository.PathTo("tests", "interop", "mcap", "read.mjs"), Path], Limit);
        var answer = JsonDocument.Parse(output.Split('\n').Last(line => line.StartsWith('{'))).RootElement;
        return (answer.GetProperty("indexed"), answer.GetProperty("streamed"));
    }

    public static TheoryData<Codec, string> Schemas => new()
    {
        { Codec.H264, "foxglove.CompressedVideo" },
        { Codec.Jpeg, "foxglove.CompressedImage" },
        { Codec.Gray, "foxglove.RawImage" },
        { Codec.Bgr, "foxglove.RawImage" },
    };

    [Theory]
    [MemberData(nameof(Schemas))]
    public async Task A_foreign_reader_finds_every_frame_in_decode_order(Codec codec, string schema)
    {
        LogEntry[] entries =
        [
            Segments.Picture(3, hasMetadata: true), Segments.Picture(4, isKeyframe: false, capturedMillis: 300), Segments.Picture(5, isKeyframe: false, capturedMillis: 200),
            Segments.Missing(6, 9), Segments.Picture(10, bytes: 1, isKeyframe: false, capturedMillis: 250), Segments.Picture(11, bytes: 300_000),
        ];
        Segments.Write(Path, Segments.Header(codec), [entries[..2], entries[2..4], entries[4..]], closes: true);

        var (indexed, streamed) = await ReadAsync();

        RequireMetadata(indexed, codec);
        foreach (var found in (JsonElement[])[indexed, streamed])
        {
            Assert.Equal(Order, found.GetProperty("order").EnumerateArray().Select(item => item.GetString()));
            var channels = found.GetProperty("channels").EnumerateArray().ToDictionary(channel => channel.GetProperty("topic").GetString()!);
            RequireNotes(Channel(channels, "/cam-1/frame", "framewire.v1.Frame"), entries);
            RequirePictures(Channel(channels, "/cam-1/picture", schema), entries, codec);
            var gap = Assert.Single(Channel(channels, "/cam-1/gap", "framewire.v1.RecordedGap"));
            Assert.Equal(("6", "9", "DROP_REASON_LATE"), (Text(gap, "first_sequence"), Text(gap, "last_sequence"), Text(gap, "reason")));
        }

        Assert.True(streamed.GetProperty("isWhole").GetBoolean());
        Assert.Equal(0, streamed.GetProperty("left").GetInt32());
    }

    [Fact]
    public async Task A_foreign_reader_finds_the_results_and_draws_the_boxes_where_they_belong()
    {
        var result = new FrameResult
        {
            Processor = "people",
            Detections = [new Detection("person", 0.875f, new Box(0.25f, 0.5f, 0.5f, 0.25f)), new Detection("night", 0.5f)],
            Values = new Dictionary<string, string> { ["brightness"] = "0.5" },
        };
        LogEntry[] frames = [.. Enumerable.Range(1, 3).Select(LogEntry (i) => Segments.Picture((ulong)i))];
        Segments.Write(Path, Segments.Header(), [frames, [Segments.Results(1, "session-a", -1, result), Segments.Results(2, [])], [Segments.Picture(4)], [Segments.Results(9, ["cat"], session: "session-b")]], closes: true);

        var (indexed, streamed) = await ReadAsync();

        Assert.Equal(13, indexed.GetProperty("statistics").GetProperty("messages").GetInt32());
        // By time each frame's results and boxes come with it, however late they were written.
        Assert.Equal(
            ["/cam-1/frame 1", "/cam-1/picture 1", "/cam-1/results 1", "/cam-1/annotations 1", "/cam-1/frame 2", "/cam-1/picture 2", "/cam-1/results 2", "/cam-1/annotations 2"],
            indexed.GetProperty("order").EnumerateArray().Select(item => item.GetString()).Take(8));
        foreach (var found in (JsonElement[])[indexed, streamed])
        {
            var channels = found.GetProperty("channels").EnumerateArray().ToDictionary(channel => channel.GetProperty("topic").GetString()!);
            var results = Channel(channels, "/cam-1/results", "framewire.v1.FrameResults");
            Assert.Equal([("session-a", "1"), ("session-a", "2"), ("session-b", "9")], results.Select(each => (Text(each, "session"), Text(each, "sequence"))));
            Assert.Equal(("people", "RESULT_STATE_DONE", "person"),
                (Text(results[0].GetProperty("results")[0], "processor"), Text(results[0].GetProperty("results")[0], "state"), Text(results[0].GetProperty("results")[0].GetProperty("detections")[0], "label")));
            var annotations = Channel(channels, "/cam-1/annotations", "foxglove.ImageAnnotations");
            Assert.Equal(2, annotations.Count); // what the frames of the other session look like is not known here
            RequireBox(annotations[0]);
            Assert.False(annotations[1].TryGetProperty("points", out _));
        }
    }

    private static void RequireBox(JsonElement annotation)
    {
        var box = annotation.GetProperty("points")[0];
        Assert.Equal(1, annotation.GetProperty("points").GetArrayLength());
        Assert.Equal("LINE_LOOP", Text(box, "type"));
        // Shares of 64 by 48 pixels, clockwise from the upper left.
        Assert.Equal([(16, 24), (48, 24), (48, 36), (16, 36)], box.GetProperty("points").EnumerateArray().Select(point => (point.GetProperty("x").GetDouble(), point.GetProperty("y").GetDouble())));
        Assert.Equal(["person 0.88", "night 0.50"], annotation.GetProperty("texts").EnumerateArray().Select(text => Text(text, "text")));
        Assert.Equal((16, 24), (annotation.GetProperty("texts")[0].GetProperty("position").GetProperty("x").GetDouble(), annotation.GetProperty("texts")[0].GetProperty("position").GetProperty("y").GetDouble()));
        var captured = Segments.Start.AddMilliseconds(33);
        foreach (var timestamp in (JsonElement[])[box.GetProperty("timestamp"), annotation.GetProperty("texts")[1].GetProperty("timestamp")])
            Assert.Equal(captured, DateTimeOffset.FromUnixTimeSeconds(long.Parse(Text(timestamp, "seconds"), CultureInfo.InvariantCulture)).AddMicroseconds(timestamp.GetProperty("nanos").GetInt32() / 1000));
        Assert.Equal((Nanos(33), 1), (Text(annotation, "logTime"), annotation.GetProperty("mcapSequence").GetInt32()));
    }

    private static readonly string[] Order =
    [
        "/cam-1/frame 3", "/cam-1/picture 3", "/cam-1/frame 4", "/cam-1/picture 4", "/cam-1/frame 5", "/cam-1/picture 5", "/cam-1/gap 6",
        "/cam-1/frame 10", "/cam-1/picture 10", "/cam-1/frame 11", "/cam-1/picture 11",
    ];

    private static void RequireMetadata(JsonElement indexed, Codec codec)
    {
        Assert.StartsWith("framewire/", indexed.GetProperty("library").GetString(), StringComparison.Ordinal);
        var header = indexed.GetProperty("metadata").GetProperty("framewire");
        Assert.Equal(("cam-1", "session-a", codec.ToString().ToLowerInvariant(), "64", "48", "29.97", "0"),
            (Text(header, "stream"), Text(header, "session"), Text(header, "codec"), Text(header, "width"), Text(header, "height"), Text(header, "frame_rate"), Text(header, "held_through")));
        Assert.Equal("3-5,10-11", Text(indexed.GetProperty("metadata").GetProperty("framewire.contents"), "sequences"));
        var statistics = indexed.GetProperty("statistics");
        Assert.Equal((11, 3), (statistics.GetProperty("messages").GetInt32(), statistics.GetProperty("chunks").GetInt32()));
        Assert.Equal((Nanos(99), Nanos(363)), (Text(statistics, "start"), Text(statistics, "end")));
        Assert.Equal("[3,4,8,11,13]", indexed.GetProperty("summaryGroups").GetRawText());
    }

    private static List<JsonElement> Channel(Dictionary<string, JsonElement> channels, string topic, string schema)
    {
        var channel = channels[topic];
        Assert.Equal((schema, "protobuf"), (Text(channel, "schema"), Text(channel, "encoding")));
        return [.. channel.GetProperty("messages").EnumerateArray()];
    }

    private static void RequireNotes(List<JsonElement> notes, LogEntry[] entries)
    {
        Assert.Equal(["3", "4", "5", "10", "11"], notes.Select(note => Text(note, "sequence")));
        Assert.Equal("""{"exposure":"1/60","name":"Kamera ä"}""", notes[0].GetProperty("metadata").GetRawText());
        Assert.All(notes, note => Assert.False(note.TryGetProperty("payload", out _)));
        var captured = entries.OfType<LogEntry.Picture>().Select(entry => (entry.Frame.CapturedAt - DateTimeOffset.UnixEpoch).TotalMicroseconds.ToString("F0", CultureInfo.InvariantCulture));
        Assert.Equal(captured, notes.Select(note => Text(note, "captured_at_unix_micros")));
    }

    private static void RequirePictures(List<JsonElement> pictures, LogEntry[] entries, Codec codec)
    {
        // The times on the wire are those of the clock; the log's never go back.
        Assert.Equal([Nanos(99), Nanos(300), Nanos(300), Nanos(300), Nanos(363)], pictures.Select(picture => Text(picture, "logTime")));
        foreach (var (picture, frame) in pictures.Zip(entries.OfType<LogEntry.Picture>().Select(entry => entry.Frame)))
        {
            Assert.Equal(frame.CapturedAt, DateTimeOffset.FromUnixTimeSeconds(long.Parse(Text(picture, "seconds"), CultureInfo.InvariantCulture)).AddMicroseconds(picture.GetProperty("nanos").GetInt32() / 1000));
            Assert.Equal((uint)frame.Sequence, picture.GetProperty("mcapSequence").GetUInt32());
            Assert.Equal(frame.Payload.Length, picture.GetProperty("length").GetInt32());
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(frame.Payload.Span)), Text(picture, "sha256"));
            Assert.Equal("cam-1", Text(picture, "frame_id"));
            if (codec is Codec.H264 or Codec.Jpeg)
                Assert.Equal(codec.ToString().ToLowerInvariant(), Text(picture, "format"));
            else
                Assert.Equal((codec == Codec.Gray ? "mono8" : "bgr8", 64, 48, codec == Codec.Gray ? 64 : 192),
                    (Text(picture, "encoding"), picture.GetProperty("width").GetInt32(), picture.GetProperty("height").GetInt32(), picture.GetProperty("step").GetInt32()));
        }
    }

    private static string Nanos(int millis) => ((Segments.Start - DateTimeOffset.UnixEpoch).Ticks * 100 + (millis * 1_000_000L)).ToString(CultureInfo.InvariantCulture);

    private static string Text(JsonElement element, string property) => element.GetProperty(property).GetString()!;

    [Fact]
    public async Task A_foreign_reader_sees_a_damaged_chunk_by_its_CRC()
    {
        var ends = Segments.Write(Path, Segments.Header(), Segments.Chunks(chunks: 3, frames: 2), closes: true);
        var bytes = File.ReadAllBytes(Path);
        bytes[(int)ends[1] + 200] ^= 1;
        File.WriteAllBytes(Path, bytes);

        var (indexed, streamed) = await ReadAsync();

        Assert.Contains("CRC", Text(indexed, "error"), StringComparison.Ordinal);
        Assert.Contains("CRC", Text(streamed, "error"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_foreign_reader_reads_what_was_recovered_around_the_damage()
    {
        var chunks = Segments.Chunks(chunks: 5, frames: 2);
        var ends = Segments.Write(Path, Segments.Header(), chunks, closes: false);
        var bytes = File.ReadAllBytes(Path);
        bytes[(int)ends[1] + 200] ^= 1;         // in the second chunk: lost
        bytes[(int)ends[3] - 10] ^= 1;          // in the third chunk's indexes: made again
        File.WriteAllBytes(Path, bytes[..^5]);  // in the last chunk's indexes: made again

        Assert.NotNull(SegmentRepair.Recover(Path));
        var (indexed, _) = await ReadAsync();

        Assert.Equal(["1", "2", "5", "6", "7", "8", "9", "10"], indexed.GetProperty("channels")[0].GetProperty("messages").EnumerateArray().Select(note => Text(note, "sequence")));
        Assert.Equal(Segments.Expected(chunks.Where((_, i) => i != 1).SelectMany(chunk => chunk)), Segments.ReadAll(Path));
    }

    [Fact]
    public async Task A_foreign_reader_reads_on_while_a_segment_is_written()
    {
        using var writer = SegmentWriter.Create(Path, Segments.Header());
        writer.Append([Segments.Picture(1), Segments.Picture(2)]);

        var (_, streamed) = await ReadAsync();

        Assert.Equal(2, streamed.GetProperty("channels")[0].GetProperty("messages").GetArrayLength());
        Assert.False(streamed.GetProperty("isWhole").GetBoolean());
    }
}
