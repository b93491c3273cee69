using Framewire.Protocol.Log;
using Framewire.Protocol.Video;

namespace Framewire.Edge.Spooling;

/// <summary>What a session's folder holds when it is opened again, after whatever ended the publisher before.</summary>
internal sealed record SpoolRecovery
{
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";

    /// <summary>This boot of the machine; empty where nobody can tell, which counts as another.</summary>
    public static readonly string Boot = File.Exists(BootIdFile) ? File.ReadAllText(BootIdFile).Trim() : "";

    /// <summary>The files that are left, oldest first, closed in order.</summary>
    public required List<SpoolSegment> Segments { get; init; }

    /// <summary>The number of the newest file.</summary>
    public required int LastOrdinal { get; init; }

    /// <summary>The highest sequence that was given.</summary>
    public required ulong LastSequence { get; init; }

    /// <summary>The latest presentation time on disk.</summary>
    public required TimeSpan LastPts { get; init; }

    /// <summary>Numbers that may have been given to frames that are gone.</summary>
    public Gap? Lost { get; init; }

    /// <summary>What could not be read, for people.</summary>
    public required IReadOnlyList<string> Damage { get; init; }

    /// <summary>Closes torn files in order and learns what is there.</summary>
    public static SpoolRecovery Of(SpooledSession session)
    {
        List<SpoolSegment> segments = [];
        List<string> damage = [];
        var (ordinal, last, pts) = (0, 0ul, TimeSpan.Zero);
        foreach (var path in Directory.EnumerateFiles(session.Path, "*" + SegmentNames.Extension).Order(StringComparer.Ordinal))
        {
            ordinal = Math.Max(ordinal, int.TryParse(Path.GetFileNameWithoutExtension(path), out var number) ? number : 0);
            if (SegmentRepair.Recover(path) is not { } summary)
            {
                File.Delete(path);
                continue;
            }

            damage.AddRange(summary.Damage.Select(what => $"{path}: {what}"));
            last = Math.Max(last, Math.Max(summary.LastSequence, summary.Header.HeldThrough));
            pts = summary.Frames > 0 ? LatestPts(path, summary.LastSequence, pts) : pts;
            segments.Add(Segment(path, summary));
        }

        // What a program wrote survives its crash, but not the machine's: then numbers may have gone to frames that are gone.
        var isCertain = segments.Count > 0 && session.Boot == Boot && Boot.Length > 0;
        return new SpoolRecovery
        {
            Segments = segments,
            LastOrdinal = ordinal,
            LastSequence = isCertain ? last : Math.Max(last, session.ReservedThrough),
            LastPts = pts,
            Lost = !isCertain && session.ReservedThrough > last ? new Gap(last + 1, session.ReservedThrough, DropReason.PowerLost) : null,
            Damage = damage,
        };
    }

    private static SpoolSegment Segment(string path, SegmentSummary summary)
    {
        var segment = new SpoolSegment(path) { Bytes = summary.Bytes, LastCapturedAt = summary.LastCapturedAt };
        foreach (var run in summary.Runs)
            segment.Waiting.Add(run);
        return segment;
    }

    private static TimeSpan LatestPts(string path, ulong sequence, TimeSpan before)
    {
        using var reader = SegmentReader.Open(path);
        foreach (var entry in reader.ReadFrom(sequence))
        {
            if (entry is not LogEntry.Picture { Frame: var frame })
                continue;
            frame.Release();
            before = frame.Pts > before ? frame.Pts : before;
        }

        return before;
    }
}
