using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Framewire.Bench.Load;

namespace Framewire.Bench.Far;

/// <summary>
/// A far server: a TCP relay, as a process of its own, in which every byte stays for half a round trip, in each direction, in order. It holds up
/// to 64 MiB for each, so that the delay, and not the relay, is what is measured. Owned by its process.
/// </summary>
internal static class DelayRelay
{
    private const int ChunkBytes = 64 << 10;
    private const long MostHeld = 64 << 20;

    private readonly record struct Chunk(byte[] Bytes, int Length, long Due);

    /// <summary>Relays to a port of this machine, until killed.</summary>
    public static async Task ServeAsync(int port, TimeSpan roundTrip)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Console.WriteLine($"listening {((IPEndPoint)listener.LocalEndpoint).Port}");
        while (true)
            _ = RelayAsync(await listener.AcceptSocketAsync(), port, roundTrip / 2);
    }

    private static async Task RelayAsync(Socket near, int port, TimeSpan delay)
    {
        using var owned = near;
        near.NoDelay = true;
        try
        {
            using var far = await RawTcp.ConnectAsync(port, default);
            Task[] lanes = [new Lane(near, far, delay).RunAsync(), new Lane(far, near, delay).RunAsync()];
            // A direction that breaks takes the other along; one that ends does not.
            await await Task.WhenAny(lanes);
            await Task.WhenAll(lanes);
        }
        catch (SocketException)
        {
            // One end has gone: so does the other.
        }
    }

    /// <summary>One direction of one connection: a loop reads, another writes what is due. Owned by the relay.</summary>
    private sealed class Lane(Socket from, Socket to, TimeSpan delay)
    {
        private readonly Channel<Chunk> _held = Channel.CreateUnbounded<Chunk>(new() { SingleReader = true, SingleWriter = true });
        private readonly long _delay = (long)(delay.TotalSeconds * Stopwatch.Frequency);
        private long _bytes;

        public async Task RunAsync()
        {
            var writing = WriteAsync();
            await await Task.WhenAny(ReadAsync(), writing);
            await writing;
        }

        private async Task ReadAsync()
        {
            try
            {
                while (true)
                {
                    while (Interlocked.Read(ref _bytes) > MostHeld)
                        await Task.Delay(1);
                    var bytes = ArrayPool<byte>.Shared.Rent(ChunkBytes);
                    var length = await from.ReceiveAsync(bytes.AsMemory(0, ChunkBytes));
                    if (length == 0)
                        return;
                    Interlocked.Add(ref _bytes, length);
                    _held.Writer.TryWrite(new Chunk(bytes, length, Stopwatch.GetTimestamp() + _delay));
                }
            }
            finally
            {
                _held.Writer.Complete();
            }
        }

        private async Task WriteAsync()
        {
            await foreach (var chunk in _held.Reader.ReadAllAsync())
            {
                var wait = TimeSpan.FromSeconds((chunk.Due - Stopwatch.GetTimestamp()) / (double)Stopwatch.Frequency);
                if (wait > TimeSpan.Zero)
                    await Task.Delay(wait);
                await RawTcp.SendAsync(to, chunk.Bytes.AsMemory(0, chunk.Length), default);
                Interlocked.Add(ref _bytes, -chunk.Length);
                ArrayPool<byte>.Shared.Return(chunk.Bytes);
            }

            to.Shutdown(SocketShutdown.Send);
        }
    }
}
