using System.Runtime.CompilerServices;
using Framewire.Edge.Sources;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.Log;
using Framewire.Protocol.V1;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using Framewire.Server.Recording;
using Framewire.Tests.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Frame = Framewire.Protocol.Video.Frame;
using FrameResults = Framewire.Protocol.V1.FrameResults;

namespace Framewire.Tests.EndToEnd;

/// <summary>From a frame over a processor's answer to the recording, and found there again: over the network, in a folder, by the command line.</summary>
public sealed class RecordedResultsTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Folder _folder = Folder.InMemory();

    public void Dispose() => _folder.Dispose();

    private static FrameSource Pattern() =>
        FrameSource.Create(new SourceOptions { Source = "test", Encode = Encoding.Gray, Size = (64, 48), FrameRate = 50 }, TimeProvider.System);

    /// <summary>Two people in frames 11 to 20, one in frames 41 to 50.</summary>
    private static int HowMany(ulong sequence) => sequence is > 10 and <= 20 ? 2 : sequence is > 40 and <= 50 ? 1 : 0;

    /// <summary>Publishes so many frames, all on disk.</summary>
    private static async Task PublishAsync(FramewireHost host, int frames)
    {
        await using var publisher = Recordings.Publisher(Pattern(), host.Address, options => options with { Frames = frames });
        await publisher.RunAsync(TestContext.Current.CancellationToken).WaitAsync(Limit);
        Assert.Equal((frames, frames, 0), (publisher.Snapshot().Captured, publisher.Snapshot().Acked, publisher.Snapshot().DroppedTotal));
    }

    private static async Task<List<FrameResults>> ReadAsync(ClientConnection connection, ReadResultsRequest request)
    {
        List<FrameResults> all = [];
        using var timeout = new CancellationTokenSource(Limit);
        await foreach (var frame in connection.ServerStreamingAsync(RecordingsContract.ReadResults, request, cancellation: timeout.Token))
            all.Add(frame);
        return all;
    }

    private static string Told(FindResponse found) => string.Join(", ", found.Findings.Select(finding =>
        FormattableString.Invariant($"{finding.Label} {finding.FirstSequence}-{finding.LastSequence} {finding.Frames} {finding.Most} {finding.MaxScore}@{finding.BestSequence}")));

    [Fact]
    public async Task What_a_processor_saw_is_recorded_and_found_again()
    {
        await using var host = await FramewireHost.StartAsync(Recordings.Server(_folder.Path));
        await using (SeatedProcessor.At(host, SeatedProcessor.Sees("person", HowMany)))
            await PublishAsync(host, 60);
        await using var connection = host.Connect();
        await Eventually.TrueAsync(() => Files().All(file => SegmentRepair.Inspect(file)!.IsClosed));

        var request = new FindRequest { Stream = "cam", Label = "person", MergeMillis = 100 };
        var found = await connection.UnaryAsync(RecordingsContract.Find, request);
        Assert.Equal("person 11-20 10 2 0.2@20, person 41-50 10 1 0.5@50", Told(found));
        var results = await ReadAsync(connection, new ReadResultsRequest { Stream = "cam" });
        Assert.Equal(Enumerable.Range(1, 60).Select(i => (ulong)i), results.Select(frame => frame.Sequence));
        Assert.Equal(found.Findings[0].FromUnixMicros, results[10].CapturedAtUnixMicros);
        Assert.All(results, frame => Assert.Equal(HowMany(frame.Sequence), Assert.Single(frame.Results).Detections.Count));
        var span = new ReadResultsRequest { Stream = "cam", FromUnixMicros = results[10].CapturedAtUnixMicros, UntilUnixMicros = results[20].CapturedAtUnixMicros };
        Assert.Equal(results[10..20], await ReadAsync(connection, span));

        await host.StopAsync();
        using var local = LocalRecordings.Open(_folder.Path, NullLogger.Instance);
        Assert.Equal(found, local.Find(request, CancellationToken.None));
        Assert.All(local.Verify("cam"), file => Assert.Empty(file.Mistakes));
        Assert.Equal(60, Recorded.In(_folder.Path).Pictures.Count);
    }

    private string[] Files() => Directory.Exists(_folder["cam"]) ? Directory.GetFiles(_folder["cam"], "*.mcap") : [];

    [Fact]
    public async Task The_file_is_closed_behind_the_last_result_however_late_it_comes()
    {
        await using var host = await FramewireHost.StartAsync(Recordings.Server(_folder.Path));
        await using var processor = SeatedProcessor.At(host, SeatedProcessor.Sees("person", _ => 1), holds: true);
        await PublishAsync(host, 30);
        await Eventually.TrueAsync(() => processor.Taken == 30 && host.Streams.Find("cam")!.Status().Complete);
        Assert.False(SegmentRepair.Inspect(Assert.Single(Files()))!.IsClosed);

        processor.AnswerAll();
        await Eventually.TrueAsync(() => SegmentRepair.Inspect(Assert.Single(Files()))!.IsClosed);

        var summary = SegmentRepair.Inspect(Files()[0])!;
        Assert.Equal((30, 30), (summary.Frames, summary.Results.Frames));
        Assert.Equal([new LabelSum("people", "person", 30, 0.3f)], summary.Results.Labels);
    }

    [Fact]
    public async Task The_last_results_of_a_stream_that_stands_still_get_to_disk_too()
    {
        await using var host = await FramewireHost.StartAsync(Recordings.Server(_folder.Path));
        await using var processor = SeatedProcessor.At(host, SeatedProcessor.Sees("person", _ => 1), holds: true);
        await using var publisher = Recordings.Publisher(new StandingSource(Pattern(), 20), host.Address);
        using var over = new CancellationTokenSource();
        var publishing = publisher.RunAsync(over.Token);
        await using var connection = host.Connect();
        await Eventually.TrueAsync(() => publisher.Snapshot().Acked == 20 && processor.Taken == 20);
        Assert.Empty(await ReadAsync(connection, new ReadResultsRequest { Stream = "cam" }));

        processor.AnswerAll();
        await Eventually.TrueAsync(() => SegmentRepair.Inspect(Assert.Single(Files()))!.Results.Frames == 20);
        Assert.Equal("person 1-20 20 1 0.2@20", Told(await connection.UnaryAsync(RecordingsContract.Find, new FindRequest { Stream = "cam" })));

        await over.CancelAsync();
        await publishing.WaitAsync(Limit);
    }

    /// <summary>Hands out so many frames, and then nothing, but does not end. Owned by one publisher.</summary>
    private sealed class StandingSource(FrameSource inner, int frames) : FrameSource
    {
        public override bool IsLive => inner.IsLive;

        public override Task<StreamFormat> OpenAsync(CancellationToken cancellation) => inner.OpenAsync(cancellation);

        public override async IAsyncEnumerable<Frame> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
        {
            var left = frames;
            await foreach (var frame in inner.ReadAsync(cancellation))
            {
                yield return frame;
                if (--left == 0)
                    await Task.Delay(Timeout.Infinite, cancellation);
            }
        }

        public override ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    [Fact]
    public async Task Frames_that_nobody_looked_at_have_no_results_and_what_failed_has()
    {
        await using var host = await FramewireHost.StartAsync(Recordings.Server(_folder.Path));
        await using (SeatedProcessor.At(host, Answer))
            await PublishAsync(host, 9);
        await using var connection = host.Connect();
        await Eventually.TrueAsync(() => Files().All(file => SegmentRepair.Inspect(file)!.IsClosed));

        var results = await ReadAsync(connection, new ReadResultsRequest { Stream = "cam" });

        Assert.Equal([2ul, 3, 5, 6, 8, 9], results.Select(frame => frame.Sequence));
        Assert.Equal(("people", "it is dark"), (results[0].Results[0].Processor, results[0].Results[0].Error));
        Assert.Empty((await connection.UnaryAsync(RecordingsContract.Find, new FindRequest { Stream = "cam" })).Findings);

        static FrameResult? Answer(Frame frame) => (frame.Sequence % 3) switch
        {
            0 => new FrameResult { Reply = 0 },
            1 => FrameResult.Skipped("people"),
            _ => FrameResult.Failed("people", "it is dark"),
        };
    }

    [Fact]
    public async Task What_cannot_be_searched_is_refused_with_the_status_that_was_promised()
    {
        await using var host = await FramewireHost.StartAsync(Recordings.Server(_folder.Path, options => options with { MaxReaders = 1 }));
        await PublishAsync(host, 2);
        await using var connection = host.Connect();

        Assert.Equal(GrpcStatusCode.NotFound, await StatusAsync(new FindRequest { Stream = "other" }));
        Assert.Equal(GrpcStatusCode.InvalidArgument, await StatusAsync(new FindRequest { Stream = "No Name" }));
        Assert.Equal(GrpcStatusCode.InvalidArgument, await StatusAsync(new FindRequest { Stream = "cam", MinScore = float.NaN }));
        Assert.Equal(GrpcStatusCode.NotFound, (await Assert.ThrowsAsync<GrpcException>(() => ReadAsync(connection, new ReadResultsRequest { Stream = "other" }))).Status.Code);
        Assert.Empty((await connection.UnaryAsync(RecordingsContract.Find, new FindRequest { Stream = "cam" })).Findings);
        Assert.Empty(await ReadAsync(connection, new ReadResultsRequest { Stream = "cam" }));
        using var reading = new CancellationTokenSource();
        var slow = Recordings.ReadAsync(connection, new ReadRequest { Stream = "cam", Speed = 0.001 }, reading.Token);
        await Eventually.TrueAsync(() => StatusAsync(new FindRequest { Stream = "cam" }).Result == GrpcStatusCode.ResourceExhausted);
        await reading.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => slow);
        await Eventually.TrueAsync(() => StatusAsync(new FindRequest { Stream = "cam" }).Result == GrpcStatusCode.Ok);

        async Task<GrpcStatusCode> StatusAsync(FindRequest request)
        {
            try
            {
                await connection.UnaryAsync(RecordingsContract.Find, request);
                return GrpcStatusCode.Ok;
            }
            catch (GrpcException e)
            {
                return e.Status.Code;
            }
        }
    }

    [Fact]
    public async Task The_command_line_finds_it_in_the_folder_and_at_the_server_and_says_how_to_play_it()
    {
        await using var host = await FramewireHost.StartAsync(Recordings.Server(_folder.Path));
        await using (SeatedProcessor.At(host, SeatedProcessor.Sees("person", HowMany)))
            await PublishAsync(host, 60);
        await Eventually.TrueAsync(() => Files().All(file => SegmentRepair.Inspect(file)!.IsClosed));

        foreach (var place in (string[][])[["--data", _folder.Path], ["--server", $"{host.Address}"]])
        {
            var (code, output, errors) = await FramewireProcess.RunAsync(["recordings", "find", "cam", "--label", "person", "--merge", "0.1", .. place]);
            Assert.True(code == 0, errors);
            Assert.Matches(@"0\.2 s .*person .*10 .*2 .*0\.20 at 20 .*people .*11-20 ", output);
            Assert.Contains("41-50", output, StringComparison.Ordinal);
            var line = Assert.Single(output.Split('\n'), line => line.StartsWith("Play the first: framewire recordings play cam ", StringComparison.Ordinal));
            string[] play = [.. line.Split('|')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)[4..^2], "-o", _folder["played"], "--speed", "0"];
            var (played, _, playErrors) = await FramewireProcess.RunAsync(play);
            Assert.True(played == 0 && new FileInfo(_folder["played"]).Length >= 10 * 64 * 48, playErrors);

            var (noneCode, none, _) = await FramewireProcess.RunAsync(["recordings", "find", "cam", "--label", "cat", .. place]);
            Assert.Equal((0, "Nothing found: no processor saw 'cat' in what is recorded of 'cam'.\n"), (noneCode, none));
            Assert.Equal(1, (await FramewireProcess.RunAsync(["recordings", "find", "other", .. place])).Code);
        }

        var (_, json, _) = await FramewireProcess.RunAsync("recordings", "find", "cam", "--data", _folder.Path, "--min-score", "0.45", "--until", "2100-01-01", "--json");
        Assert.Equal("person 45-50 6 1 0.5@50", Told(FindResponse.Parser.ParseJson(json)));
        Assert.Equal(2, (await FramewireProcess.RunAsync("recordings", "find", "cam", "--data", _folder.Path, "--merge", "0")).Code);
        var (verified, report, _) = await FramewireProcess.RunAsync("recordings", "verify", "--data", _folder.Path);
        Assert.Equal((0, "1 files, 60 frames, all good\n"), (verified, report));
    }
}
