using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Server.Access;
using Framewire.Server.Forms;
using Framewire.Server.Processing;
using Framewire.Server.Processing.Pictures;
using Framewire.Server.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Framewire.Tests.Testing;

/// <summary>A whole Framewire server in this process, on ports of its own. Owned by one test.</summary>
internal sealed class FramewireHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FramewireHost(WebApplication app, bool tls)
    {
        _app = app;
        var bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address)).ToList();
        Address = new Uri($"{(tls ? "https" : "http")}://localhost:{bound[0].Port}");
        Web = new Uri($"{(tls ? "https" : "http")}://localhost:{bound[^1].Port}");
    }

    /// <summary>Where gRPC listens.</summary>
    public Uri Address { get; }

    /// <summary>Where the lists listen.</summary>
    public Uri Web { get; }

    public IServiceProvider Services => _app.Services;

    public StreamRegistry Streams => _app.Services.GetRequiredService<StreamRegistry>();

    public ProcessorRegistry Processors => _app.Services.GetRequiredService<ProcessorRegistry>();

    public StreamForms Forms => _app.Services.GetRequiredService<StreamForms>();

    public static async Task<FramewireHost> StartAsync(FramewireOptions? options = null, int port = 0, TimeProvider? time = null, ILoggerProvider? log = null)
    {
        options = (options ?? new FramewireOptions()) with { Listen = $"127.0.0.1:{port}", Web = "127.0.0.1:0" };
        options = options with { Transport = options.Transport with { DrainTimeout = TimeSpan.FromSeconds(2) } };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (log is not null)
            builder.Logging.AddProvider(log);
        if (time is not null)
            builder.Services.AddSingleton(time);
        builder.AddFramewire(options);
        builder.Services.AddFrameProcessor<MotionProcessor>("motion").AddFrameProcessor<HealthProcessor>("health").AddFrameProcessor<FailingProcessor>("failing");
        var app = builder.Build().MapFramewire();
        await app.StartAsync();
        return new FramewireHost(app, options.Transport.CertificateFile is not null);
    }

    /// <summary>Has the file of tokens looked at now.</summary>
    public void ReadTokens() => Services.GetRequiredService<AccessControl>().Check();

    /// <summary>A client of this server.</summary>
    public ClientConnection Connect(ClientConnectionOptions? options = null) => new(Address, options ?? Clients.Options);

    /// <summary>Publishes a source to this server until it ends.</summary>
    public Task<PublisherSnapshot> PublishAsync(
        SourceOptions source, Func<PublisherOptions, PublisherOptions>? change = null, Action<ulong, IReadOnlyList<FrameResult>>? processed = null) =>
        PublishAsync(FrameSource.Create(source, TimeProvider.System), change, processed);

    /// <summary>Publishes a source to this server until it ends.</summary>
    public async Task<PublisherSnapshot> PublishAsync(
        FrameSource source, Func<PublisherOptions, PublisherOptions>? change = null, Action<ulong, IReadOnlyList<FrameResult>>? processed = null)
    {
        var options = new PublisherOptions { Server = Address, Stream = "cam", Mode = PublishMode.Lossless };
        await using var publisher = new Publisher(
            change?.Invoke(options) ?? options,
            source,
            Clients.Options,
            TimeProvider.System,
            NullLogger.Instance);
        publisher.Processed += processed;
        await publisher.RunAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(90));
        return publisher.Snapshot();
    }

    /// <summary>Begins to stop, and waits until it has.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
