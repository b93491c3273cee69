using System.Text.Json;
using Framewire.Edge.Doctor;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Doctor;

/// <summary><c>framewire doctor</c> as a person or a script runs it.</summary>
public sealed class DoctorCommandTests
{
    [Fact]
    public async Task All_well_is_one_line_a_check_and_exit_code_0()
    {
        await using var host = await FramewireHost.StartAsync();

        var (code, output, errors) = await FramewireProcess.RunAsync("doctor", $"{host.Address}", "--quick");

        Assert.True(code == 0, output + errors);
        Assert.Equal(13, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("a Framewire server", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_has_its_cause_in_JSON_and_its_exit_code()
    {
        var (code, output, _) = await FramewireProcess.RunAsync("doctor", $"http://127.0.0.1:{ChildProcess.FreePort()}", "--json");

        Assert.Equal(3, code);
        var root = JsonDocument.Parse(output).RootElement;
        Assert.False(root.GetProperty("well").GetBoolean());
        var failed = root.GetProperty("checks").EnumerateArray().Single(check => check.GetProperty("verdict").GetString() == "failed");
        Assert.Equal(("route", "refused"), (failed.GetProperty("check").GetString(), failed.GetProperty("cause").GetString()));
        Assert.NotEqual("", failed.GetProperty("raw").GetString());
    }

    [Fact]
    public async Task A_web_server_is_a_failure_and_exit_code_1()
    {
        await using var closing = new ScriptedListener(async (stream, over) => await stream.ReadExactlyAsync(new byte[24], over));

        var (code, output, _) = await FramewireProcess.RunAsync("doctor", $"http://127.0.0.1:{closing.Port}");

        Assert.Equal(1, code);
        Assert.Contains("closed the connection without an answer; is the server starting", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_it()
    {
        await using var silent = new ScriptedListener((_, over) => Task.Delay(Timeout.Infinite, over));
        await using var doctor = FramewireProcess.Start("doctor", $"http://127.0.0.1:{silent.Port}");
        await Eventually.TrueAsync(() => silent.Connections > 1, TimeSpan.FromSeconds(30));

        await doctor.SignalAsync("INT");

        var (code, _, errors) = await doctor.EndAsync();
        Assert.Equal(1, code);
        Assert.Contains("stopped before the last check", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--idle", "0")]
    [InlineData("--idle", "-3")]
    public async Task A_time_that_is_none_is_a_mistake(params string[] more)
    {
        string[] arguments = ["doctor", "http://127.0.0.1:1", .. more];

        Assert.Equal(2, (await FramewireProcess.RunAsync(arguments)).Code);
    }

    [Fact]
    public void Every_verdict_has_a_line()
    {
        foreach (var verdict in Enum.GetValues<Verdict>())
            Assert.NotEmpty(Cli.DoctorCommand.LineOf(new Finding("names", verdict, TimeSpan.FromSeconds(1), "found")));
    }
}
