using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Framewire.Tests.Testing;

/// <summary>A network that does as it is told: the fault proxy between a publisher and a server. Owned by one test.</summary>
internal sealed partial class FaultProxy : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly ChildProcess _program;
    private readonly int _control;

    private FaultProxy(ChildProcess program, int control)
    {
        (_program, _control) = (program, control);
        var port = int.Parse(Ready().Match(program.Output).Groups[1].Value, CultureInfo.InvariantCulture);
        Address = new Uri($"http://127.0.0.1:{port}");
    }

    /// <summary>Where a publisher connects to.</summary>
    public Uri Address { get; }

    /// <summary>Starts a proxy in front of a server of this machine.</summary>
    /// <param name="server">The port of the server.</param>
    /// <param name="faults">What is wrong from the start: <c>--delay</c>, <c>300</c>.</param>
    public static async Task<FaultProxy> StartAsync(int server, params string[] faults)
    {
        var control = ChildProcess.FreePort();
        var program = ChildProcess.Start(
            "/usr/bin/python3",
            ["-u", Shared.Program("faultproxy.py"), "--listen", "127.0.0.1:0", "--to", $"127.0.0.1:{server}", "--control", $"127.0.0.1:{control}", .. faults],
            awaited: "faultproxy ready");
        try
        {
            await program.SaidAsync(Patience);
            return new FaultProxy(program, control);
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    /// <summary>Says one command to the control port: <c>stall both</c>, <c>rst</c>, <c>blackout 3</c>.</summary>
    public async Task<JsonElement> TellAsync(string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", _control).WaitAsync(Patience);
        await using var stream = client.GetStream();
        await using var writer = new StreamWriter(stream) { AutoFlush = true };
        using var reader = new StreamReader(stream);
        await writer.WriteAsync($"{command}\n");
        var answer = JsonDocument.Parse((await reader.ReadLineAsync().WaitAsync(Patience))!).RootElement;
        Assert.False(answer.TryGetProperty("error", out var error), $"{command}: {error}");
        return answer;
    }

    /// <summary>Takes the network away for so many seconds, and comes back when it is there again.</summary>
    public async Task BlackoutAsync(double seconds)
    {
        await TellAsync(string.Create(CultureInfo.InvariantCulture, $"blackout {seconds}"));
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await TellAsync("stats")).GetProperty("stalled").GetArrayLength() > 0)
            await again.WaitForNextTickAsync();
    }

    public ValueTask DisposeAsync() => _program.DisposeAsync();

    [GeneratedRegex(@"faultproxy ready [\d.]+:(\d+)")]
    private static partial Regex Ready();
}
