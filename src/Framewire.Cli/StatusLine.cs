using Framewire.Edge;

namespace Framewire.Cli;

/// <summary>Keeps a publisher's status line fresh while it runs: every half second on a terminal, a plain line every ten seconds elsewhere.</summary>
internal static class StatusLine
{
    private static readonly TimeSpan OnTerminal = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Elsewhere = TimeSpan.FromSeconds(10);

    /// <summary>Shows the publisher's numbers until <paramref name="running"/> ends, then awaits it.</summary>
    public static async Task WhileAsync(Publisher publisher, Terminal terminal, Task running)
    {
        using var timer = new PeriodicTimer(terminal.IsTerminal ? OnTerminal : Elsewhere);
        var before = publisher.Snapshot();
        var next = timer.WaitForNextTickAsync().AsTask();
        while (await Task.WhenAny(running, next) == next)
        {
            var now = publisher.Snapshot();
            if (now.Captured > 0)
            {
                var line = PublishReport.Line(now, before, publisher.IsConnected);
                if (terminal.IsTerminal)
                    terminal.Status(line);
                else
                    terminal.Line(line);
            }

            before = now;
            next = timer.WaitForNextTickAsync().AsTask();
        }

        await running;
    }
}
