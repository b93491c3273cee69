using System.Diagnostics;
using System.Text.Json;
using Framewire.Protocol.Wire;

namespace Framewire.Bench.Load;

/// <summary>
/// The one load generator for every server, as a process of its own: reads plans from standard input, and says what it found of each. Stays
/// between plans, so that only the first finds cold code. Stateless.
/// </summary>
internal static class LoadGenerator
{
    /// <summary>Runs until the input ends.</summary>
    public static async Task RunAsync()
    {
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var result = await FindAsync(JsonSerializer.Deserialize<LoadPlan>(line)!);
            Console.WriteLine(JsonSerializer.Serialize(result));
        }
    }

    private static async Task<LoadResult> FindAsync(LoadPlan plan)
    {
        try
        {
            return await (plan.Kind switch
            {
                LoadKind.Watch => new WatchLoad(plan).RunAsync(),
                LoadKind.Idle => new IdleLoad(plan).RunAsync(),
                _ => new PacedLoad(plan).RunAsync(),
            });
        }
        catch (Exception e) when (e is GrpcException or IOException or System.Net.Sockets.SocketException)
        {
            return new LoadResult { Offered = 1, Seconds = plan.Seconds, Failure = e.Message };
        }
    }
}

/// <summary>The load generator seen from the bench. Owned by it; one plan at a time. Dispose ends the process.</summary>
internal sealed class LoadChild : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private LoadChild(Process process) => _process = process;

    public static LoadChild Start() => new(Process.Start(new ProcessStartInfo("dotnet", [ServerChild.Bench, "load"])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        // Threads that wait for work by spinning would do so on the server's cores.
        Environment = { ["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0" },
    })!);

    /// <summary>Has a plan carried out.</summary>
    public async Task<LoadResult> RunAsync(LoadPlan plan)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(plan));
        await _process.StandardInput.FlushAsync();
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience + TimeSpan.FromSeconds(plan.Seconds));
        return line is null ? throw new IOException("the load generator ended.") : JsonSerializer.Deserialize<LoadResult>(line)!;
    }

    /// <summary>The same, for what must not break.</summary>
    /// <exception cref="IOException">It broke.</exception>
    public async Task<LoadResult> RunOrFailAsync(LoadPlan plan)
    {
        var result = await RunAsync(plan);
        return result.Failure is { } why ? throw new IOException($"{plan.Kind}, {plan.Streams} streams: {why}") : result;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
