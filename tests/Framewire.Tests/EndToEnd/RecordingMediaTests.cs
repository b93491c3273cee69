using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Video;
using Framewire.Server.Streams;
using Framewire.Tests.Testing;
using DropReason = Framewire.Protocol.V1.DropReason;
using Frame = Framewire.Protocol.Video.Frame;

namespace Framewire.Tests.EndToEnd;

/// <summary>Odd media and odd numbers, and what a recording makes of them.</summary>
public sealed class RecordingMediaTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Folder _folder = Folder.InMemory();

    public void Dispose() => _folder.Dispose();

    private static StreamSession Session(string id, Framewire.Protocol.Video.StreamFormat? format = null, bool isLossless = true, int startedAfterSeconds = 0) =>
        new(id, ManualClock.Start.AddSeconds(startedAfterSeconds), format ?? Frames.H264) { IsLossless = isLossless };

    /// <summary>Publishes to a server that records, and waits until it has closed the file.</summary>
    private static async Task PublishAsync(FramewireHost host, StreamSession session, params Frame[] frames)
    {
        Assert.True(StreamName.TryParse("cam", out var name));
        using var publication = host.Streams.FindOrAdd(name)!.TryPublish(session, "peer", "agent")!;
        foreach (var frame in frames)
            await publication.PublishAsync(frame, TestContext.Current.CancellationToken);
        publication.End(complete: true);
        var last = session.ReceivedSequence;
        await Eventually.TrueAsync(() => last == 0 || session.Persisted.Contains(last), Limit);
    }

    [Fact]
    public async Task F31_No_frame_one_frame_one_byte_and_sixteen_mebibytes_are_recorded_as_they_are()
    {
        var seen = new List<Seen>();
        Frame Made(ulong sequence, int bytes)
        {
            var frame = Frames.One(sequence, bytes: bytes);
            frame.Retain();
            seen.Add(Recordings.See(frame));
            return frame;
        }

        await using (var host = await FramewireHost.StartAsync(Recordings.Server(_folder.Path)))
        {
            await PublishAsync(host, Session("none"));
            await using var connection = host.Connect();
            Assert.Empty((await connection.UnaryAsync(RecordingsContract.List, new ListRequest())).Recordings);
            await PublishAsync(host, Session("one", startedAfterSeconds: 1), Made(1, 1));
            await PublishAsync(host, Session("big", startedAfterSeconds: 2), Made(1, 16 << 20), Made(2, 1), Made(3, 16 << 20));
        }

        Recordings.RequireJust(seen, _folder.Path);
    }

    [Fact]
    public async Task F31_Another_size_is_another_session_in_another_file()
    {
        var small = new Framewire.Protocol.Video.StreamFormat(Framewire.Protocol.Video.Codec.H264, 32, 24, 1);
        await using var host = await FramewireHost.StartAsync(Recordings.Server(_folder.Path));
        await PublishAsync(host, Session("a"), [.. Frames.Of("Kdd")]);
        await PublishAsync(host, Session("b", small, startedAfterSeconds: 1), [.. Frames.Of("Kd")]);
        await using var connection = host.Connect();

        var (frames, others) = await Recordings.ReadAsync(connection, new ReadRequest { Stream = "cam" });

        Assert.Equal([1ul, 2, 3, 1, 2], frames.Select(frame => frame.Sequence));
        Assert.Equal([("a", 64u), ("b", 32u)], others.Select(other => (other.Started.Session, other.Started.Format.Width)));
        Assert.Equal(2u, (await connection.UnaryAsync(RecordingsContract.List, new ListRequest())).Recordings[0].Segments);
    }

    [Theory]
    [InlineData(false, "5 6 9", "1-4 7-8")]
    [InlineData(true, "3 5 6 9", "4-4 7-8")]
    public async Task F32_Numbers_that_skip_repeat_and_go_back_have_a_place_each(bool isLossless, string recorded, string missing)
    {
        await using var host = await FramewireHost.StartAsync(Recordings.Server(_folder.Path));
        await PublishAsync(host, Session("a", isLossless: isLossless), [.. new ulong[] { 5, 6, 6, 3, 9, 5 }.Select(sequence => Frames.One(sequence))]);
        await using var connection = host.Connect();
        await Eventually.TrueAsync(() => host.Streams.Find("cam")!.Status().Session!.Persisted.Contains(9), Limit);

        var (frames, _) = await Recordings.ReadAsync(connection, new ReadRequest { Stream = "cam" });
        var timeline = await connection.UnaryAsync(RecordingsContract.Timeline, new TimelineRequest { Stream = "cam" });

        Assert.Equal(recorded, string.Join(' ', frames.Select(frame => frame.Sequence)));
        Assert.Equal(missing, string.Join(' ', timeline.Gaps.OrderBy(gap => gap.FirstSequence).Select(gap => $"{gap.FirstSequence}-{gap.LastSequence}")));
        Assert.All(timeline.Gaps, gap => Assert.Equal(DropReason.Unspecified, gap.Reason));
    }

    [Fact]
    public async Task F32_A_session_that_begins_again_at_one_is_another_and_one_that_comes_back_goes_on()
    {
        await using (var host = await FramewireHost.StartAsync(Recordings.Server(_folder.Path)))
        {
            await PublishAsync(host, Session("a"), [.. Frames.Of("KdKd")]);
            await PublishAsync(host, Session("b", startedAfterSeconds: 1), [.. Frames.Of("Kd")]);
            await PublishAsync(host, Session("a"), [.. Frames.Of("KdKdKd")]);
        }

        Assert.Equal([1ul, 2, 3, 4, 5, 6, 1, 2], Recordings.ReadFolder(_folder.Path).Select(frame => frame.Sequence));
    }
}
