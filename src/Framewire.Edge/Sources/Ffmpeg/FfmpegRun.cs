
using Framewire.Protocol.Media;

namespace Framewire.Edge.Sources.Ffmpeg;

/// <summary>
/// One ffmpeg process with whatever feeds it. Owned by one <see cref="FfmpegSource"/>. Dispose ends both, releasing no packet
/// that was handed out.
/// </summary>
internal sealed class FfmpegRun : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ChildProcess _child;
    private readonly PacketReader _packets;
    private readonly Task _pump;

    private FfmpegRun(ChildProcess child, InputReport report, Feed? feed)
    {
        _child = child;
        Report = report;
        _packets = new PacketReader(child.Output);
        _pump = PumpAsync(feed);
    }

    /// <summary>What ffmpeg said of its input.</summary>
    public InputReport Report { get; }

    /// <summary>The end of what ffmpeg wrote to standard error.</summary>
    public IReadOnlyList<string> Errors => _child.Errors.Lines;

    public int ProcessId => _child.Id;

    /// <summary>Starts ffmpeg.</summary>
    /// <param name="program">The file to run.</param>
    /// <param name="arguments">Input and output.</param>
    /// <param name="feed">What writes its standard input, already open; null if nothing does. Stays the caller's.</param>
    public static async Task<FfmpegRun> StartAsync(string program, IEnumerable<string> arguments, Feed? feed)
    {
        var report = new InputReport();
        var errors = new LastLines();
        errors.LineRead += report.Observe;
        string[] quiet = ["-nostdin", "-hide_banner", "-nostats", "-loglevel", "level+info"];
        return new FfmpegRun(await ChildProcess.StartAsync(program, [.. quiet, .. arguments], errors).ConfigureAwait(false), report, feed);
    }

    public Task<PacketHeader?> ReadHeaderAsync(CancellationToken cancellation) => _packets.ReadHeaderAsync(cancellation);

    public Task<Packet?> ReadAsync(CancellationToken cancellation) => _packets.ReadAsync(cancellation);

    /// <summary>After the last packet: how it all ended.</summary>
    /// <returns>ffmpeg's exit code.</returns>
    /// <exception cref="SourceException">What feeds ffmpeg has failed.</exception>
    public async Task<int> EndAsync(CancellationToken cancellation)
    {
        var exitCode = await _child.WaitAsync(cancellation).ConfigureAwait(false);
        // A feed that has more to say than ffmpeg reads finds the pipe shut, or is stopped here; its own failure comes out.
        await _stop.CancelAsync().ConfigureAwait(false);
        await _pump.ConfigureAwait(false);
        return exitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _child.DisposeAsync().ConfigureAwait(false);
        await _pump.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task PumpAsync(Feed? feed)
    {
        try
        {
            if (feed is not null)
                await feed.PumpAsync(_child.Input, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception over) when (over is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // ffmpeg reads no more: its own end, seen by the reading loop, says why.
        }
        finally
        {
            ChildProcess.CloseQuietly(_child.Input);
        }
    }
}
