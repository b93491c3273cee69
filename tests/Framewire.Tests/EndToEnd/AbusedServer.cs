using System.Globalization;
using System.Text.RegularExpressions;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Tests.Testing;

namespace Framewire.Tests.EndToEnd;

/// <summary>A server in a process of its own with a camera that it must not let down, for tests that mean it harm. Owned by one class of tests.</summary>
public sealed partial class AbusedServer : IAsyncLifetime
{
    public const string Stream = "cam";

    private const long MostGrowth = 96 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["FRAMEWIRE_Server__Transport__KeepAliveTimeout"] = "00:00:02",
        ["FRAMEWIRE_Server__Transport__RequestTimeout"] = "00:00:01",
        ["FRAMEWIRE_Server__Ingest__OpenTimeout"] = "00:00:01",
        ["FRAMEWIRE_Server__Processing__AttachTimeout"] = "00:00:01",
        // Small, so that it is full before anybody measures.
        ["FRAMEWIRE_Server__Streams__HistoryBytes"] = "2000000",
    };

    private readonly Folder _folder = new();
    private FramewireProcess _server = null!;
    private FramewireProcess _camera = null!;
    private ClientConnection _good = null!;

    public int Port { get; private set; }

    public Uri Web { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _server = FramewireProcess.Start(
            Settings, "serve", "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0", "--record", "--data", _folder["recordings"], "--process", "motion", "--process", "health");
        await _server.SaysAsync("the page is");
        var addresses = Address().Matches(_server.Errors);
        (Port, Web) = (int.Parse(addresses[0].Groups[1].Value, CultureInfo.InvariantCulture), new Uri($"http://127.0.0.1:{addresses[1].Groups[1].Value}"));
        _camera = FramewireProcess.Start("publish", "test", "--to", $"http://127.0.0.1:{Port}", "--stream", Stream, "--encode", "gray", "--size", "320x240");
        _good = Connect();
        await CameraGoesOnAsync(frames: 60);
    }

    public ClientConnection Connect() => new(new Uri($"http://127.0.0.1:{Port}"), Clients.Options);

    /// <summary>Does harm; meanwhile good calls are answered, the camera goes on, and at the end the server is about as large as before.</summary>
    public async Task EndureAsync(Func<Task> harm)
    {
        var resident = Resident();
        using var over = new CancellationTokenSource();
        var calling = CallAsync(over.Token);
        await harm();
        await CameraGoesOnAsync(frames: 5);
        await over.CancelAsync();
        var calls = await calling;

        Assert.True(calls > 0, "no good call was answered");
        await Eventually.TrueAsync(() => Resident() < resident + MostGrowth, TimeSpan.FromSeconds(30));
    }

    /// <summary>Waits until so many more of the camera's frames have come.</summary>
    public async Task CameraGoesOnAsync(ulong frames)
    {
        var until = (await FramesAsync()) + frames;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await FramesAsync() < until)
            await again.WaitForNextTickAsync(patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _good.DisposeAsync();
        await _camera.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<long> CallAsync(CancellationToken over)
    {
        var answered = 0L;
        for (; !over.IsCancellationRequested; answered++)
            await FramesAsync();
        return answered;
    }

    private async Task<ulong> FramesAsync()
    {
        var list = await _good.UnaryAsync(ViewingContract.ListStreams, new ListStreamsRequest(), new CallOptions { Timeout = Patience });
        return list.Streams.SingleOrDefault(stream => stream.Name == Stream)?.Frames ?? 0;
    }

    private long Resident() => long.Parse(File.ReadAllText($"/proc/{_server.Id}/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;

    [GeneratedRegex(@"http://127\.0\.0\.1:(\d+)")]
    private static partial Regex Address();
}
