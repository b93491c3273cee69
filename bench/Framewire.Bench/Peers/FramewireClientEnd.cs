using System.Diagnostics;
using System.Globalization;
using Framewire.Edge;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using Codec = Framewire.Protocol.Video.Codec;

namespace Framewire.Bench.Peers;

/// <summary>
/// The client's end of Framewire's rungs, a process of its own: says "measuring" when it has warmed up, then one line of JSON, and waits for the
/// end of its standard input. Arguments as the peers have them: PORT BYTES WINDOW SECONDS FPS.
/// </summary>
internal sealed class FramewireClientEnd(int port, int bytes, int window, double seconds, double fps, ClientTransport transport)
{
    /// <summary>Longer than that of programs that are not compiled while they run.</summary>
    private readonly TimeSpan _warmUp = TimeSpan.FromSeconds(Math.Clamp(seconds, 0.3, 2));

    private static readonly TimeSpan LeadIn = TimeSpan.FromSeconds(0.3);

    private readonly Uri _server = new($"http://127.0.0.1:{port}");

    public static FramewireClientEnd From(IReadOnlyList<string> arguments, ClientTransport transport = ClientTransport.Framewire)
    {
        double Number(int index) => double.Parse(arguments[index], CultureInfo.InvariantCulture);
        return new((int)Number(0), (int)Number(1), (int)Number(2), Number(3), Number(4), transport);
    }

    /// <summary>Frames over <c>Publish</c>, lossless, each acknowledged.</summary>
    public async Task PublishAsync()
    {
        await PublishForAsync("warm-up", _warmUp, pace: 0, () => { });
        var allocated = 0L;
        var (frames, elapsed, times) = await PublishForAsync("bench", TimeSpan.FromSeconds(seconds), fps, () =>
        {
            Console.WriteLine("measuring");
            allocated = GC.GetTotalAllocatedBytes();
        });
        Print(frames, elapsed, times.P50 * 1000, times.P99 * 1000, times.P999 * 1000, GC.GetTotalAllocatedBytes() - allocated);
    }

    /// <summary>Counts from when the connection has been up for a moment, with the server's history of the stream full.</summary>
    private async Task<(long Frames, double Seconds, AckTimes Times)> PublishForAsync(string stream, TimeSpan duration, double pace, Action counting)
    {
        var room = Math.Max(16L << 20, 2L * window * bytes);
        var options = new PublisherOptions
        {
            Server = _server,
            Stream = stream,
            Mode = PublishMode.Lossless,
            WindowFrames = window,
            WindowBytes = room,
            MemoryBytes = room,
            FlushTimeout = TimeSpan.FromSeconds(20),
        };
        await using var source = new MadeFrames(FormatOf(bytes), bytes, pace);
        await using var publisher = new Publisher(options, source, new ClientConnectionOptions { Transport = transport }, TimeProvider.System, NullLogger.Instance);
        using var enough = new CancellationTokenSource();
        var running = publisher.RunAsync(enough.Token);
        while (publisher.Snapshot().Acked == 0 && !running.IsCompleted)
            await Task.Delay(1);
        await Task.WhenAny(running, Task.Delay(LeadIn));
        counting();
        var (start, before) = (Stopwatch.GetTimestamp(), publisher.Snapshot().Acked);
        await Task.WhenAny(running, Task.Delay(duration));
        var (counted, elapsed) = (publisher.Snapshot().Acked - before, Stopwatch.GetElapsedTime(start).TotalSeconds);
        await enough.CancelAsync();
        await running;
        var end = publisher.Snapshot();
        return end.Acked == end.Captured && counted > 0
            ? (counted, elapsed, end.AckMilliseconds)
            : throw new IOException($"{end.Acked} of {end.Captured} frames were acknowledged, {counted} of them in time.");
    }

    /// <summary>Messages of the seed's contract over <c>Wire</c> alone; the window is kept here.</summary>
    public async Task MessagesAsync()
    {
        await using var connection = new ClientConnection(_server, new ClientConnectionOptions { Transport = transport });
        await using var call = connection.Start(AnalyseContract.Analyse);
        var payload = FrameBuffer.Rent(bytes);
        new Random(1).NextBytes(payload.Memory.Span);
        using var room = new SemaphoreSlim(window);
        var sent = new long[1 << 20];
        List<double> times = new(1 << 20);
        // The clock starts when the connection is there.
        await call.Requests.WriteAsync(payload);
        if (!await call.Responses.MoveNextAsync() || call.Responses.Current != 0)
            throw new IOException("ack 0 is missing.");
        var start = Stopwatch.GetTimestamp();
        var measureFrom = start + (long)(_warmUp.TotalSeconds * Stopwatch.Frequency);
        var until = measureFrom + (long)(seconds * Stopwatch.Frequency);
        var (acked, last, allocated) = (1, 0L, 0L);
        var reading = Task.Run(async () =>
        {
            for (; await call.Responses.MoveNextAsync(); acked++, room.Release())
            {
                if (call.Responses.Current != acked)
                    throw new IOException($"ack {acked} is missing, {call.Responses.Current} came.");
                if (sent[acked] < measureFrom)
                    continue;
                if (times.Count == 0)
                {
                    Console.WriteLine("measuring");
                    allocated = GC.GetTotalAllocatedBytes();
                }

                last = Stopwatch.GetTimestamp();
                times.Add(Stopwatch.GetElapsedTime(sent[acked], last).TotalMicroseconds);
            }
        });
        var number = 1;
        for (; Stopwatch.GetTimestamp() < until && number < sent.Length; number++)
        {
            if (fps > 0 && TimeSpan.FromSeconds(number / fps) - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } wait)
                await Task.Delay(wait);
            await room.WaitAsync();
            sent[number] = Stopwatch.GetTimestamp();
            await call.Requests.WriteAsync(payload);
        }

        await call.CompleteAsync();
        await reading;
        if (acked != number || times.Count == 0)
            throw new IOException($"{acked} of {number} frames were acknowledged.");
        times.Sort();
        double At(double p) => times[(int)(p * (times.Count - 1))];
        Print(times.Count, Stopwatch.GetElapsedTime(measureFrom, last).TotalSeconds, At(.5), At(.99), At(.999), GC.GetTotalAllocatedBytes() - allocated);
    }

    /// <summary>Watches the stream through the Viewing contract until killed, and answers each line on standard input with how many frames have come.</summary>
    public static async Task WatchAsync(int port)
    {
        await using var connection = new ClientConnection(new Uri($"http://127.0.0.1:{port}"), new ClientConnectionOptions());
        var count = 0L;
        var counting = Task.Run(async () =>
        {
            await foreach (var message in connection.ServerStreamingAsync(ViewingContract.Watch, new WatchRequest { Stream = "bench", Wait = true }))
            {
                if (message.Frame is not { } frame)
                    continue;
                frame.Release();
                Interlocked.Increment(ref count);
            }
        });
        Console.WriteLine("listening 0");
        while (await Console.In.ReadLineAsync() is not null)
        {
            if (counting.IsFaulted)
                await counting;
            Console.WriteLine(Interlocked.Read(ref count).ToString(CultureInfo.InvariantCulture));
        }
    }

    private static StreamFormat FormatOf(int bytes) => bytes switch
    {
        640 * 480 => new StreamFormat(Codec.Gray, 640, 480, 30),
        1280 * 720 * 3 => new StreamFormat(Codec.Bgr, 1280, 720, 30),
        1920 * 1080 * 3 => new StreamFormat(Codec.Bgr, 1920, 1080, 30),
        _ => new StreamFormat(Codec.Jpeg, 1280, 720, 30),
    };

    private static void Print(long frames, double elapsed, double p50, double p99, double p999, long allocated)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"frames": {{frames}}, "seconds": {{elapsed:0.000000}}, "p50": {{p50:0.0}}, "p99": {{p99:0.0}}, "p999": {{p999:0.0}}, "allocated": {{(double)allocated / frames:0.0}}, "gen2": {{GC.CollectionCount(2)}}}"""));
        Console.In.ReadToEnd();
    }
}
