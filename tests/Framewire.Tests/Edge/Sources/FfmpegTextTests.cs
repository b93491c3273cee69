using Framewire.Edge.Sources;
using Framewire.Edge.Sources.Ffmpeg;
using Framewire.Protocol.Media;
using FsCheck;
using FsCheck.Fluent;

namespace Framewire.Tests.Edge.Sources;

/// <summary>What ffmpeg writes, and what if something else writes it.</summary>
public class FfmpegTextTests
{
    [Fact]
    public async Task Packets_are_read_off_one_pipe_with_their_times()
    {
        var reader = new PacketReader(new MemoryStream([.. "#tb 0: 1/10240\n#codec_id 0: h264\n#dimensions 0: 768x432\n0,  -1024, 62464, 1024, 3, 0xff0b4070, F=0x0\n"u8, 10, 35, 10, .. "0, 0, 0, 1024, 0, 0x1\n"u8]));

        Assert.Equal(new PacketHeader("h264", 768, 432, new TimeBase(1, 10240)), await reader.ReadHeaderAsync(CancellationToken.None));
        var first = (await reader.ReadAsync(CancellationToken.None))!.Value;
        Assert.Equal(new PacketLine(-1024, 62464, 1024, 3), first.Line);
        Assert.Equal([10, 35, 10], first.Buffer.Memory.ToArray());
        Assert.Equal(0, (await reader.ReadAsync(CancellationToken.None))!.Value.Line.Size);
        Assert.Null(await reader.ReadAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData("0, 0, 0, 1, 134217729, 0x0", "a packet of more than 128 MiB")]
    [InlineData("0, 0, 0, 1, -1, 0x0", "a negative size")]
    [InlineData("1, 0, 0, 1, 10, 0x0", "another stream")]
    [InlineData("0, 0, 0, 1, 10", "no end of the size")]
    [InlineData("0, 0, 0, 99999999999999999999, 10, 0x0", "a number beyond 64 bits")]
    [InlineData("frame= 10", "no numbers")]
    [InlineData("", "nothing")]
    public void A_line_that_lies_is_refused(string line, string why) =>
        Assert.False(PacketLine.TryParse(System.Text.Encoding.ASCII.GetBytes(line), out _), why);

    [Theory]
    [InlineData("0, 0, 0, 1, 5, 0x0\nabc", typeof(EndOfStreamException))]
    [InlineData("0, 0, 0, 1, 5, 0x0", typeof(EndOfStreamException))]
    [InlineData("garbage\n", typeof(InvalidDataException))]
    [InlineData("\n", typeof(InvalidDataException))]
    public async Task Output_that_breaks_off_or_is_something_else_is_told(string output, Type expected) =>
        await Assert.ThrowsAsync(expected, () => new PacketReader(new MemoryStream(System.Text.Encoding.ASCII.GetBytes(output))).ReadAsync(CancellationToken.None));

    [Fact]
    public async Task A_line_without_end_takes_no_memory() =>
        await Assert.ThrowsAsync<InvalidDataException>(() => new PacketReader(new MemoryStream(new byte[10_000_000])).ReadHeaderAsync(CancellationToken.None));

    [Fact]
    public void No_line_makes_the_parser_throw() =>
        Prop.ForAll<byte[]>(bytes => !PacketLine.TryParse(bytes, out _) || bytes.Length > 9).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(1, 1000, 67, 670_000)]
    [InlineData(1, 10240, 1, 977)]
    [InlineData(1, 10240, -1024, -1_000_000)]
    [InlineData(1, 90000, 3003, 333_667)]
    [InlineData(1001, 30000, 1, 333_667)]
    [InlineData(2_000_000_000, 1, long.MaxValue, long.MaxValue)]
    public void Times_are_the_nearest_tick_and_never_overflow(long numerator, long denominator, long units, long ticks) =>
        Assert.Equal(ticks, new TimeBase(numerator, denominator).ToTime(units).Ticks);

    [Fact]
    public void The_report_gives_container_codec_and_rate()
    {
        var report = new InputReport();
        foreach (var line in (string[])[
            "[info] Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'a.mp4':",
            "[info]   Stream #0:0: Video: png, rgb24, 90k tbr (attached pic)",
            "[info]   Stream #0:1[0x1](eng): Video: h264 (High) (avc1 / 0x31637661), yuv420p, 768x432, 88 kb/s, 5.57 fps, 10 tbr",
            "[info]   Stream #0:2: Video: mjpeg, 1 fps",
            "[info] Stream mapping:",
            "[info]   Stream #0:0: Video: rawvideo, 99 fps"])
            report.Observe(line);

        Assert.Equal(("mov,mp4,m4a,3gp,3g2,mj2", "h264", 5.57, true), (report.Container, report.Codec, report.FrameRate, report.Complete.IsCompleted));
    }

    [Fact]
    public void A_talkative_child_is_kept_short_and_cannot_write_to_our_terminal()
    {
        var lines = new LastLines();
        for (var line = 0; line < 1000; line++)
            lines.Add($"line {line} \e[2J" + new string('x', 10_000) + "\n");

        Assert.True(lines.Lines.Count <= 40 && lines.Lines.All(line => line.Length <= 400 && !line.Any(char.IsControl)));
        Assert.StartsWith("line 999", lines.Lines[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rtsp://me:s3cret@cam/live", "rtsp://***@cam/live")]
    [InlineData("cannot open 'http://a:b@c/' and rtsp://d@e/", "cannot open 'http://***@c/' and rtsp://***@e/")]
    [InlineData("rtsp://cam/user@home", "rtsp://cam/user@home")]
    public void Passwords_are_never_shown(string text, string clean) => Assert.Equal(clean, Redaction.Clean(text));

    [Theory]
    [InlineData("00000001674200", "h264")]
    [InlineData("0000010910", "h264")]
    [InlineData("0000000140010C", null)]
    [InlineData("000001B3", null)]
    [InlineData("FFD8FFE0", "mjpeg")]
    [InlineData("1A45DFA3", null)]
    [InlineData("", null)]
    public void Bare_pictures_are_told_from_containers(string start, string? format) =>
        Assert.Equal(format, BareFormat.Recognise(Convert.FromHexString(start)));
}
