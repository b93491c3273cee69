using System.Net;
using System.Text.Json;
using Framewire.Server;
using Framewire.Server.Recording;
using Framewire.Tests.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Framewire.Tests.Telemetry;

/// <summary><c>/readyz</c>: new publishers are welcome, or it says why not.</summary>
public sealed class ReadyTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static async Task<(HttpStatusCode Code, string? Status)> AskAsync(Uri web)
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(web, "/readyz"), TestContext.Current.CancellationToken);
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("status", Assert.Single(body.RootElement.EnumerateObject()).Name);
        return (response.StatusCode, body.RootElement.GetProperty("status").GetString());
    }

    private static async Task BecomesAsync(Uri web, (HttpStatusCode, string?) expected)
    {
        using var timeout = new CancellationTokenSource(Patience);
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await AskAsync(web) != expected)
            await again.WaitForNextTickAsync(timeout.Token);
    }

    [Fact]
    public async Task A_server_that_has_started_is_ready()
    {
        await using var host = await FramewireHost.StartAsync();

        Assert.Equal((HttpStatusCode.OK, "ready"), await AskAsync(host.Web));
    }

    [Fact]
    public async Task One_that_drains_is_not()
    {
        await using var host = await FramewireHost.StartAsync();
        var asked = new TaskCompletionSource<(HttpStatusCode, string?)>();
        // The first to hear of the stop: the listeners are open until it has heard the answer.
        await using var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => asked.SetResult(Task.Run(() => AskAsync(host.Web)).Result));

        await host.StopAsync();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "draining"), await asked.Task);
    }

    [Fact]
    public async Task One_whose_disk_takes_nothing_is_not_and_is_again_when_it_does()
    {
        using var folder = new Folder();
        var disk = folder["recordings"];
        await using var host = await FramewireHost.StartAsync(new FramewireOptions
        {
            Recording = new RecordingOptions { Streams = "*", Directory = disk, CheckInterval = TimeSpan.FromMilliseconds(100) },
        });
        Assert.Equal((HttpStatusCode.OK, "ready"), await AskAsync(host.Web));

        Directory.Move(disk, folder["away"]);
        await File.WriteAllTextAsync(disk, "in the way", TestContext.Current.CancellationToken);
        await BecomesAsync(host.Web, (HttpStatusCode.ServiceUnavailable, "disk"));

        File.Delete(disk);
        Directory.Move(folder["away"], disk);
        await BecomesAsync(host.Web, (HttpStatusCode.OK, "ready"));
    }

    [Fact]
    public async Task A_disk_is_not_tried_for_every_question()
    {
        var clock = new ManualClock();
        using var folder = new Folder();
        var readiness = new DiskReadiness(new RecordingOptions { Streams = "*", Directory = folder["recordings"] }, clock);
        Assert.True(await readiness.TakesWritesAsync());
        Directory.Delete(folder["recordings"]);
        await File.WriteAllTextAsync(folder["recordings"], "in the way", TestContext.Current.CancellationToken);

        Assert.True(await readiness.TakesWritesAsync());

        clock.Advance(new RecordingOptions().CheckInterval);
        Assert.False(await readiness.TakesWritesAsync());
    }
}
