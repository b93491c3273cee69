
using Framewire.Protocol.Media;

namespace Framewire.Edge.Sources.Ffmpeg;

/// <summary>
/// Feeds ffmpeg from a shell command's standard output. Owned by one <see cref="FfmpegSource"/>; dispose ends the command and
/// all that it started.
/// </summary>
internal sealed class CommandFeed(SourceOptions options, string command) : PipeFeed(options)
{
    // The command's whole group ends with us, even by kill -9: the watcher reads a pipe whose other end is ours alone, and at
    // its end asks the group to stop, then makes it.
    private const string Watched =
        "exec 3<&0 </dev/null; (trap '' TERM; cat <&3; kill -TERM 0; sleep 1; kill -KILL 0) >/dev/null 2>&1 & exec 3<&-; exec /bin/sh -c \"$1\"";

    private ChildProcess? _child;

    protected override string Subject => $"The command '{command}'";

    protected override async Task<Stream> StartAsync(CancellationToken cancellation)
    {
        // Without a session of its own, the group to be ended would be ours.
        string[] arguments = ChildProcess.HasOwnSession ? ["-c", Watched, "sh", command] : ["-c", command];
        _child ??= await ChildProcess.StartAsync("/bin/sh", arguments, new LastLines()).ConfigureAwait(false);
        return _child.Output;
    }

    protected override async Task<SourceException> EmptyAsync(CancellationToken cancellation) =>
        await FailureAsync(cancellation).ConfigureAwait(false)
        ?? new SourceException($"{Subject} ended without writing any video{Said()}. It must write video to its standard output.");

    protected override async Task EndAsync(CancellationToken cancellation)
    {
        if (await FailureAsync(cancellation).ConfigureAwait(false) is { } failure)
            throw failure;
    }

    public override async ValueTask DisposeAsync()
    {
        if (_child is not null)
            await _child.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<SourceException?> FailureAsync(CancellationToken cancellation)
    {
        var exitCode = await _child!.WaitAsync(cancellation).ConfigureAwait(false);
        return exitCode switch
        {
            0 => null,
            127 => new SourceException($"{Subject} was not found{Said()}. Install it or give its whole path."),
            _ => new SourceException($"{Subject} ended with exit code {exitCode}{Said()}. Run it by hand to see why."),
        };
    }

    private string Said() => _child!.Errors.Lines is [.., var last] ? $" ({Redaction.Clean(last)})" : "";
}
