using System.Globalization;
using System.Text.Json;
using Framewire.Cli;
using Framewire.Tests.Testing;
using Microsoft.Extensions.Logging;

namespace Framewire.Tests.Telemetry;

/// <summary>Logs: one line for each thing that happens, for people and for programs, whatever strangers put into names.</summary>
public sealed class LogTests
{
    [Fact]
    public async Task In_JSON_every_line_is_an_object_with_its_time_in_UTC()
    {
        await using var server = FramewireProcess.Start("serve", "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0", "--log", "json");
        await Eventually.TrueAsync(() => server.Errors.Contains("Taking frames on", StringComparison.Ordinal), TimeSpan.FromSeconds(30));
        var address = server.Errors.Split("Taking frames on ")[1].Split(',')[0];
        var (code, _, errors) = await FramewireProcess.RunAsync("publish", "test", "--size", "64x48", "--frames", "2", "--to", address);
        Assert.True(code == 0, errors);
        await Eventually.TrueAsync(() => server.Errors.Contains("is complete", StringComparison.Ordinal), TimeSpan.FromSeconds(30));

        var lines = server.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.All(lines, line =>
        {
            using var entry = JsonDocument.Parse(line);
            var at = DateTimeOffset.ParseExact(
                entry.RootElement.GetProperty("Timestamp").GetString()!, "yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            Assert.InRange(at, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(1));
        });
        using var opened = JsonDocument.Parse(lines.Single(line => line.Contains("goes on after", StringComparison.Ordinal)));
        Assert.Equal("test", opened.RootElement.GetProperty("State").GetProperty("Stream").GetString());
    }

    [Fact]
    public void In_plain_text_a_message_stays_on_its_line()
    {
        using var output = new StringWriter();
        using var terminal = new Terminal(output, isTerminal: false, LogLevel.Information);

        terminal.Log(LogLevel.Warning, default, "evil\n12:00:00 error: all is lost\r\u001b[2K\u2028\u202e", new IOException("and\nmore"), (text, _) => text);

        var line = Assert.Single(output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.EndsWith("warning: evil\\u000a12:00:00 error: all is lost\\u000d\\u001b[2K\\u2028\\u202e (IOException: and\\u000amore)", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_format_is_a_mistake()
    {
        var (code, _, errors) = await FramewireProcess.RunAsync("serve", "--log", "xml");

        Assert.Equal(2, code);
        Assert.Contains("xml", errors, StringComparison.Ordinal);
    }
}
