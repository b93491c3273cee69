using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Protocol.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Framewire.Tests.Testing;

/// <summary>A publisher of the test pattern, small and live, that goes on until it is disposed. Owned by one test.</summary>
internal sealed class LiveCamera : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private LiveCamera(FramewireHost host, string stream, SourceOptions source, ClientConnectionOptions connection)
    {
        Publisher = new Publisher(
            new PublisherOptions { Server = host.Address, Stream = stream },
            SourceFactory.Create(source, TimeProvider.System),
            connection,
            TimeProvider.System,
            NullLogger.Instance);
        _running = Publisher.RunAsync(_stop.Token);
    }

    public Publisher Publisher { get; }

    public static LiveCamera Start(FramewireHost host, string stream, Encoding encoding) =>
        Start(host, stream, new SourceOptions { Source = "test", Encode = encoding, Size = (320, 240), FrameRate = 30 }, Clients.Options);

    public static LiveCamera Start(FramewireHost host, string stream, SourceOptions source, ClientConnectionOptions connection) => new(host, stream, source, connection);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(30));
        await Publisher.DisposeAsync();
        _stop.Dispose();
    }
}
