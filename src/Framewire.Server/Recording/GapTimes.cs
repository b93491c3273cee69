using Framewire.Protocol.Log;

namespace Framewire.Server.Recording;

/// <summary>Gives each gap the times of the frames on both sides of it. Pure.</summary>
internal static class GapTimes
{
    /// <summary>The same entries, with the times of gaps filled in as far as they are known.</summary>
    /// <param name="entries">In order.</param>
    /// <param name="lastCapturedAt">When the frame before them was captured; default if there was none.</param>
    public static IReadOnlyList<LogEntry> Filled(IReadOnlyList<LogEntry> entries, DateTimeOffset lastCapturedAt)
    {
        if (!entries.Any(entry => entry is LogEntry.Missing))
            return entries;
        var filled = entries.ToArray();
        DateTimeOffset next = default;
        for (var at = filled.Length - 1; at >= 0; at--)
        {
            if (filled[at] is LogEntry.Picture { Frame: var frame })
                next = frame.CapturedAt;
            else if (filled[at] is LogEntry.Missing missing)
                filled[at] = new LogEntry.Missing(missing.Gap with { Until = next });
        }

        var before = lastCapturedAt;
        for (var at = 0; at < filled.Length; at++)
        {
            if (filled[at] is LogEntry.Picture { Frame: var frame })
                before = frame.CapturedAt;
            else if (filled[at] is LogEntry.Missing missing)
                filled[at] = new LogEntry.Missing(missing.Gap with { From = before });
        }

        return filled;
    }
}
