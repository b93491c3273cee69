using Framewire.Protocol.Contracts;
using Framewire.Protocol.Wire;
using Framewire.Server.Access;
using Framewire.Server.Forms;
using Framewire.Server.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Framewire.Server.Processing;

/// <summary>Puts the room together. Called while the host is built.</summary>
public static class ProcessingRoom
{
    /// <summary>
    /// Makes a processor known by a name, under which <c>Processing:Processors</c> gives it streams. One is made for each stream; its
    /// constructor may ask for services.
    /// </summary>
    public static IServiceCollection AddFrameProcessor<TProcessor>(this IServiceCollection services, string name)
        where TProcessor : class, IFrameProcessor =>
        services.AddSingleton(new KnownProcessor(name, provider => ActivatorUtilities.CreateInstance<TProcessor>(provider)));

    internal static void AddProcessing(this IServiceCollection services, ProcessingOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(provider => new ProcessorRegistry(
            provider.GetRequiredService<StreamRegistry>(), provider.GetRequiredService<StreamForms>(), options,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ProcessorRegistry>>()));
    }

    /// <summary>Begins the processors that the settings choose, and adds the methods of <c>framewire.v1.Processing</c>.</summary>
    /// <exception cref="ArgumentException">The settings name a processor that is not known.</exception>
    internal static void AddProcessing(this ServiceTable services, IServiceProvider provider, TimeProvider time)
    {
        var options = provider.GetRequiredService<ProcessingOptions>();
        var registry = provider.GetRequiredService<ProcessorRegistry>();
        var known = provider.GetServices<KnownProcessor>().ToDictionary(processor => processor.Name, StringComparer.Ordinal);
        foreach (var (name, streams) in options.Chosen)
        {
            if (!known.TryGetValue(name, out var processor))
                throw new ArgumentException($"Processing.Processors names '{name}', which is not one of: {string.Join(", ", known.Keys.Order(StringComparer.Ordinal))}.");
            var form = FormOf(processor.Make(provider));
            registry.AddBuiltIn(new ProcessorSpec(name, streams, form, options.EveryFrame), _ => WorkersFor(processor.Make(provider), options, time));
        }

        var endpoint = new AttachEndpoint(registry, provider.GetRequiredService<StreamRegistry>(), provider.GetRequiredService<AccessControl>(), options, time, provider.GetRequiredService<ILogger<AttachEndpoint>>());
        services.AddDuplex(ProcessingContract.Attach, endpoint.HandleAsync);
    }

    /// <summary>What a processor wants; it is asked once, and made only for that.</summary>
    private static FrameForm FormOf(IFrameProcessor processor)
    {
        using (processor as IDisposable)
            return processor.Form;
    }

    private static WorkerPool WorkersFor(IFrameProcessor processor, ProcessingOptions options, TimeProvider time)
    {
        var pool = new WorkerPool { Owned = processor };
        pool.Add(new LocalWorker(processor, options, time), credit: 1);
        return pool;
    }
}

/// <summary>A processor in this program. Immutable.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Make">Makes one for a stream.</param>
internal sealed record KnownProcessor(string Name, Func<IServiceProvider, IFrameProcessor> Make);
