using Framewire.Edge.Sources;
using Framewire.Protocol.Video;
using Microsoft.Win32.SafeHandles;

namespace Framewire.Cli.Sinks;

/// <summary>Where a viewer's frames go. Owned by one watch loop.</summary>
internal abstract class FrameSink : IAsyncDisposable
{
    private static readonly string[] Containers = [".mp4", ".mkv", ".avi", ".mov", ".webm", ".ts"];

    /// <summary>Whether the far end may go away, which is not an error.</summary>
    public virtual bool IsPipe => false;

    /// <summary>The sink that a command line names.</summary>
    /// <exception cref="UsageException">The name asks for what this command does not do.</exception>
    public static FrameSink Create(string? output, SourceOptions settings)
    {
        if (output is null)
            return new NoSink();
        if (output == "-")
            return new BodySink(OpenStandardOutput(), isPipe: true);
        if (Directory.Exists(output) || output.EndsWith('/'))
            return new FolderSink(output, settings.Ffmpeg);
        if (Containers.Contains(Path.GetExtension(output), StringComparer.OrdinalIgnoreCase))
        {
            throw new UsageException(
                $"watch writes frames as they are and no {Path.GetExtension(output)} container; pipe them: framewire watch STREAM -o - | ffmpeg -i - -c copy {output}");
        }

        return new BodySink(new FileStream(output, FileMode.Create, FileAccess.Write, FileShare.Read), isPipe: false);
    }

    /// <summary>Not the console's stream: that one takes writes for ever after the reader of the pipe has gone.</summary>
    private static FileStream OpenStandardOutput() => new(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);

    /// <summary>A session begins; its frames look like this.</summary>
    public abstract Task StartAsync(StreamFormat format, CancellationToken cancellation);

    /// <summary>Takes one frame; the caller keeps its hold.</summary>
    public abstract Task WriteAsync(Frame frame, CancellationToken cancellation);

    /// <summary>Finishes what was begun.</summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>For who only wants to see the numbers.</summary>
    private sealed class NoSink : FrameSink
    {
        public override Task StartAsync(StreamFormat format, CancellationToken cancellation) => Task.CompletedTask;

        public override Task WriteAsync(Frame frame, CancellationToken cancellation) => Task.CompletedTask;

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
