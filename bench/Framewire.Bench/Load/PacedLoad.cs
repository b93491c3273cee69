using System.Diagnostics;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;

namespace Framewire.Bench.Load;

/// <summary>
/// N streams, each at its pace, their phases spread evenly: frame j of all is due j / (N * fps) seconds after the start, and belongs to stream
/// j mod N. One thread paces them all. Runs once.
/// </summary>
internal sealed class PacedLoad(LoadPlan plan)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly LoadTally _tally = new(plan);
    private readonly FrameBuffer _payload = MadePayload.Of(Codec.Jpeg, plan.Bytes);
    private readonly TaskCompletionSource _paced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _offered;

    public async Task<LoadResult> RunAsync()
    {
        var connections = plan.Kind is LoadKind.Tcp ? [] : Enumerable.Range(0, plan.Connections).Select(_ => new ClientConnection(plan.Server)).ToList();
        using var over = new CancellationTokenSource();
        var streams = Streams(connections);
        try
        {
            await OpenAsync(streams, over.Token);
            var broken = Task.WhenAny(streams.Select(stream => stream.RunAsync(over.Token)));
            new Thread(() => Pace(streams, over.Token)) { IsBackground = true, Priority = ThreadPriority.AboveNormal }.Start();
            var first = await Task.WhenAny(_paced.Task, broken);
            await Task.WhenAny(broken, UntilAckedAsync());
            var failure = broken.IsCompleted ? (await broken).Exception?.InnerException?.Message ?? "a stream ended." : null;
            // Paced to the end, or else the window never closed.
            return first == broken ? new LoadResult { Offered = 1, Seconds = plan.Seconds, Failure = failure } : _tally.Result(_offered, failure);
        }
        finally
        {
            await over.CancelAsync();
            foreach (var connection in connections)
                await connection.DisposeAsync();
            foreach (var stream in streams)
                await stream.DisposeAsync();
        }
    }

    private List<PacedStream> Streams(List<ClientConnection> connections)
    {
        var bare = _payload.Memory.ToArray();
        return [.. Enumerable.Range(0, plan.Streams).Select(PacedStream (number) => plan.Kind switch
        {
            LoadKind.Tcp => new TcpStream(plan.Server.Port, bare, _tally),
            LoadKind.Publish => new PublishStream(connections[number % connections.Count], $"load-{number}", _payload, _tally),
            _ => new AnalyseStream(connections[number % connections.Count], $"load-{number}", _payload, _tally),
        })];
    }

    /// <summary>A few at a time: a bare server has a short queue of connections that it has not accepted yet.</summary>
    private static async Task OpenAsync(List<PacedStream> streams, CancellationToken cancellation)
    {
        foreach (var some in streams.Chunk(4))
            await Task.WhenAll(some.Select(stream => stream.OpenAsync(cancellation)));
    }

    private async Task UntilAckedAsync()
    {
        var since = Stopwatch.GetTimestamp();
        while (_tally.Acked < _offered && Stopwatch.GetElapsedTime(since) < Grace)
            await Task.Delay(10);
    }

    private void Pace(List<PacedStream> streams, CancellationToken over)
    {
        var start = Stopwatch.GetTimestamp();
        var perFrame = Stopwatch.Frequency / (plan.Streams * plan.FramesPerSecond);
        var begin = start + (long)(plan.WarmUpSeconds * Stopwatch.Frequency);
        var end = begin + (long)(plan.Seconds * Stopwatch.Frequency);
        var hasBegun = false;
        for (var number = 0L; !over.IsCancellationRequested;)
        {
            var now = Stopwatch.GetTimestamp();
            for (var due = Due(number); due <= now && due < end; due = Due(++number))
            {
                if (due >= begin && !hasBegun)
                {
                    hasBegun = true;
                    _tally.Begin(begin);
                }

                _offered += due >= begin ? 1 : 0;
                streams[(int)(number % streams.Count)].Due(due);
            }

            if (now >= end)
                break;
            // A tick of the pace, which the end of the run cuts short.
            over.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(1));
        }

        _tally.End(end);
        _paced.SetResult();

        long Due(long number) => start + (long)(number * perFrame);
    }
}
