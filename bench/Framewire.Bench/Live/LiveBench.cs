using System.Diagnostics;
using System.Globalization;
using Framewire.Bench.Load;
using Framewire.Bench.Report;
using Framewire.Edge;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;

namespace Framewire.Bench.Live;

/// <summary>
/// H.264 720p at 30 fps from the encoder's input to the decoder's output: with nothing between the two but a pipe, and with Framewire. The number of
/// each frame is read off its pixels.
/// </summary>
internal sealed class LiveBench(BenchReport report, BenchSize size)
{
    private const double FrameRate = 30;
    private const string Stream = "live";

    /// <summary>Cold code costs many times as much.</summary>
    private readonly int _warmUp = size.IsShort ? 15 : 45;

    private int Frames => _warmUp + (int)(FrameRate * size.Duration.TotalSeconds);

    public async Task RunAsync()
    {
        List<IReadOnlyList<double>> pipe = [], framewire = [];
        for (var round = 0; round < size.Rounds; round++)
        {
            pipe.Add(await PipeAsync());
            framewire.Add(await FramewireAsync());
        }

        Figure Of(string contender, string metric, IEnumerable<double> runs) => report.Add(new("H.264 720p30", contender, metric, "ms", [.. runs]));
        var (pipe50, pipe99) = (Of("pipe", "p50", pipe.Select(run => Percentile(run, 0.5))), Of("pipe", "p99", pipe.Select(run => Percentile(run, 0.99))));
        var (ours50, ours99) = (Of("Framewire", "p50", framewire.Select(run => Percentile(run, 0.5))), Of("Framewire", "p99", framewire.Select(run => Percentile(run, 0.99))));
        var (added50, added99) = (Of("Framewire", "added at p50", ours50.Runs.Zip(pipe50.Runs, (ours, bare) => ours - bare)), Of("Framewire", "added at p99", ours99.Runs.Zip(pipe99.Runs, (ours, bare) => ours - bare)));
        report.Line($"H.264 1280x720 at 30 fps, from the encoder's input to the decoder's output, read off the pixels of {pipe.Sum(run => run.Count)} frames each; encoder and decoder are the same (x264 ultrafast, zerolatency; ffmpeg):");
        report.Header("between encoder and decoder", "p50", "p99");
        report.Row("a pipe", $"{BenchReport.Text(pipe50, "0.0")} ms", $"{BenchReport.Text(pipe99, "0.0")} ms");
        report.Row("Framewire: publisher, server, viewer", $"{BenchReport.Text(ours50, "0.0")} ms", $"{BenchReport.Text(ours99, "0.0")} ms");
        report.Row("added by Framewire, within a round", $"{BenchReport.Text(added50, "0.0")} ms", $"{BenchReport.Text(added99, "0.0")} ms");
    }

    private async Task<IReadOnlyList<double>> PipeAsync()
    {
        var pictures = new NumberedPictures(_warmUp);
        await using var decoder = await VideoChild.DecoderAsync(pictures.EnterAsync);
        await using var encoder = await VideoChild.EncoderAsync(async unit =>
        {
            await decoder.PutAccessUnitAsync(unit.Memory);
            unit.Release();
        });
        await FilmAsync(pictures, encoder);
        await decoder.FinishAsync();
        return Checked(pictures);
    }

    private async Task<IReadOnlyList<double>> FramewireAsync()
    {
        var pictures = new NumberedPictures(_warmUp);
        await using var server = await ServerChild.FramewireAsync();
        await using var decoder = await VideoChild.DecoderAsync(pictures.EnterAsync);
        await using var connection = new ClientConnection(server.Address);
        await using var call = connection.Start(ViewingContract.Watch);
        var watching = WatchAsync(call, decoder);
        var source = new AccessUnitSource();
        await using var publisher = new Publisher(
            new PublisherOptions { Server = server.Address, Stream = Stream }, source, new ClientConnectionOptions(), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var publishing = publisher.RunAsync(default);
        await using var encoder = await VideoChild.EncoderAsync(unit =>
        {
            source.Put(unit);
            return default;
        });
        await FilmAsync(pictures, encoder);
        source.Complete();
        await publishing.WaitAsync(TimeSpan.FromSeconds(10));
        await watching.WaitAsync(TimeSpan.FromSeconds(10));
        await decoder.FinishAsync();
        return Checked(pictures);
    }

    private static async Task WatchAsync(ClientCall<WatchRequest, FrameOr<WatchResponse>> call, VideoChild decoder)
    {
        await call.Requests.WriteAsync(new WatchRequest { Stream = Stream, Wait = true, UntilEnd = true }, flush: false);
        await call.CompleteAsync();
        while (await call.Responses.MoveNextAsync())
        {
            if (call.Responses.Current.Frame is not { } frame)
                continue;
            await decoder.PutAccessUnitAsync(frame.Payload);
            frame.Release();
        }
    }

    private async Task FilmAsync(NumberedPictures pictures, VideoChild encoder)
    {
        var start = Stopwatch.GetTimestamp();
        for (var number = 0; number < Frames; number++)
        {
            var wait = TimeSpan.FromSeconds(number / FrameRate) - Stopwatch.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait);
            await encoder.PutPictureAsync(pictures.Next());
        }

        await encoder.FinishAsync();
    }

    /// <summary>A slow machine may drop some frames on a live stream; half of them, and it did not work.</summary>
    private IReadOnlyList<double> Checked(NumberedPictures pictures) => pictures.Read >= Frames / 2 && pictures.Milliseconds.Count > 0
        ? pictures.Milliseconds
        : throw new IOException($"{pictures.Read} of {Frames.ToString(CultureInfo.InvariantCulture)} pictures came out of the decoder.");

    private static double Percentile(IReadOnlyList<double> values, double part) => values.Order().ElementAt((int)Math.Min(values.Count - 1, values.Count * part));
}
