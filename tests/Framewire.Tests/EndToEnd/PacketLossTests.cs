using System.Text.Json;
using Framewire.Tests.Testing;

namespace Framewire.Tests.EndToEnd;

/// <summary>A network that loses packets, for real: both ends in a network namespace of their own, whose firewall throws one in twenty away.</summary>
public sealed class PacketLossTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "framewire.dll");

    [Fact]
    public async Task F8_A_twentieth_of_all_packets_lost_costs_no_frame()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can make a network namespace.");
        const int frames = 150;
        var network = $"framewire-{ChildProcess.FreePort()}";
        using var folder = new Folder();
        await Tool.RunAsync("ip", ["netns", "add", network]);
        try
        {
            await Tool.RunAsync("ip", ["netns", "exec", network, "ip", "link", "set", "lo", "up"]);
            await Tool.RunAsync("ip", [
                "netns", "exec", network, "iptables", "-A", "OUTPUT", "-o", "lo", "-p", "tcp",
                "-m", "statistic", "--mode", "random", "--probability", "0.05", "-j", "DROP",
            ]);
            await using var server = ChildProcess.Start(
                "ip",
                ["netns", "exec", network, "dotnet", Program, "serve", "--listen", "127.0.0.1:50051", "--web", "none", "--record", "--data", folder["recordings"]],
                awaited: "Taking frames on");
            await server.SaidAsync(Limit);

            var said = await ChildProcess.RunAsync(
                "ip",
                [
                    "netns", "exec", network, "dotnet", Program, "publish", "test", "--stream", "cam", "--encode", "gray", "--size", "96x48", "--fps", "50",
                    "--frames", $"{frames}", "--spool", folder["spool"], "--ack", "persisted", "--json",
                ],
                Limit);

            var end = JsonDocument.Parse(said.Split('\n').Last(line => line.StartsWith('{'))).RootElement;
            TestContext.Current.TestOutputHelper?.WriteLine($"{end}");
            Assert.Equal((frames, frames), (end.GetProperty("captured").GetInt32(), end.GetProperty("acked").GetInt32()));
            Assert.Equal(Enumerable.Range(1, frames).Select(n => (ulong)n), Recorded.In(folder["recordings"]).Pictures.Select(picture => picture.Sequence));
        }
        finally
        {
            await Tool.RunAsync("ip", ["netns", "del", network]);
        }
    }
}
