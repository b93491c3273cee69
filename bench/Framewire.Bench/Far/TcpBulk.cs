using System.Diagnostics;
using Framewire.Bench.Load;
using Framewire.Protocol.Video;

namespace Framewire.Bench.Far;

/// <summary>Frames over bare TCP as fast as they go, with a window of frames that are not acknowledged yet. Stateless.</summary>
internal static class TcpBulk
{
    /// <summary>Megabytes a second that are acknowledged in a window of time.</summary>
    public static async Task<double> RateAsync(int port, int bytes, int window, TimeSpan warmUp, TimeSpan duration)
    {
        using var socket = await RawTcp.ConnectAsync(port, default);
        using var room = new SemaphoreSlim(window);
        using var over = new CancellationTokenSource();
        var payload = MadePayload.Of(Codec.Gray, bytes).Memory.ToArray();
        var acked = 0L;
        var sending = SendAsync();
        var receiving = ReceiveAsync();
        await Task.WhenAny(sending, receiving, Task.Delay(warmUp));
        var (before, since) = (Interlocked.Read(ref acked), Stopwatch.GetTimestamp());
        await Task.WhenAny(sending, receiving, Task.Delay(duration));
        var rate = (Interlocked.Read(ref acked) - before) * (double)bytes / Stopwatch.GetElapsedTime(since).TotalSeconds / 1e6;
        if (sending.IsCompleted || receiving.IsCompleted)
            throw new IOException("raw TCP broke off.");
        await over.CancelAsync();
        socket.Close();
        await Task.WhenAll(sending, receiving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return rate;

        async Task SendAsync()
        {
            var prefix = new byte[RawTcp.PrefixBytes];
            for (var number = 0u; ; number++)
            {
                await room.WaitAsync(over.Token);
                await RawTcp.SendAsync(socket, prefix, number, payload);
            }
        }

        async Task ReceiveAsync()
        {
            var ack = new byte[RawTcp.AckBytes];
            while (await RawTcp.TryFillAsync(socket, ack, over.Token))
            {
                Interlocked.Increment(ref acked);
                room.Release();
            }
        }
    }
}
