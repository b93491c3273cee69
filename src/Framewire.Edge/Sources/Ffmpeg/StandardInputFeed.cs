using System.IO.Pipes;
using Microsoft.Win32.SafeHandles;

namespace Framewire.Edge.Sources.Ffmpeg;

/// <summary>Feeds ffmpeg from this process's standard input. Owned by one <see cref="FfmpegSource"/>.</summary>
internal sealed class StandardInputFeed(SourceOptions options) : PipeFeed(options)
{
    private Stream? _input;

    protected override string Subject => "Standard input";

    protected override Task<Stream> StartAsync(CancellationToken cancellation) => Task.FromResult(_input ??= Open());

    protected override Task<SourceException> EmptyAsync(CancellationToken cancellation) =>
        Task.FromResult(new SourceException("Standard input is empty: pipe video into it, as in 'rpicam-vid -t 0 --inline -o - | framewire publish -'."));

    private static Stream Open()
    {
        if (!Console.IsInputRedirected)
            throw new SourceException("Standard input is a terminal: pipe video into it, as in 'rpicam-vid -t 0 --inline -o - | framewire publish -'.");
        try
        {
            // The console's own stream cannot be cancelled while nothing comes.
            return new AnonymousPipeClientStream(PipeDirection.In, new SafePipeHandle(0, ownsHandle: false));
        }
        catch (IOException)
        {
            return new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 1, isAsync: false);
        }
    }
}
