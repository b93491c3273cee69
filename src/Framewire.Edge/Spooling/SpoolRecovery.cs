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

    /// <summary>Numbers of frames that are gone, for certain or perhaps: the server may have some of them.</summary>
    public required IReadOnlyList<Gap> Lost { get; init; }

    /// <summary>What could not be read, for people.</summary>
    public required IReadOnlyList<string> Damage { get; init; }

    /// <summary>Closes torn files in order and learns what is there.</summary>
    /// <param name="session">Whose folder.</param>
    /// <param name="now">No file is newer than this, whatever the clock said when it was written.</param>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static SpoolRecovery Of(SpooledSession session, DateTimeOffset now)
    {
        List<SpoolSegment> segments = [];
        List<string> damage = [];
        List<Gap> lost = [.. session.FellOut];
        var (ordinal, last, pts, unknown) = (0, 0ul, TimeSpan.Zero, false);
        foreach (var path in Directory.EnumerateFiles(session.Path, "*" + SegmentNames.Extension).Order(StringComparer.Ordinal))
        {
            ordinal = Math.Max(ordinal, int.TryParse(Path.GetFileNameWithoutExtension(path), out var number) ? number : 0);
            if (Recover(path, out var mistake) is not { } summary)
            {
                unknown |= PutAside(path, mistake!, damage);
                continue;
            }

            damage.AddRange(summary.Damage.Select(what => $"{path}: {what}"));
            if (unknown && summary.Header.HeldThrough > last)
                lost.Add(new Gap(last + 1, summary.Header.HeldThrough, DropReason.SpoolDamaged));
            unknown = summary.Damage.Count > 0; // as far as the next file tells: the last frame may be among what is damaged
            lost.AddRange(HolesIn(summary));
            last = Math.Max(last, Math.Max(summary.LastSequence, summary.Header.HeldThrough));
            pts = summary.Frames > 0 ? LatestPts(path, summary.LastSequence, pts) : pts;
            segments.Add(Segment(path, summary, now));
        }

        // What a program wrote survives its crash, but not the machine's: then numbers may have gone to frames that are gone.
        var isCertain = segments.Count > 0 && !unknown && session.Boot == Boot && Boot.Length > 0;
        if (!isCertain && session.ReservedThrough > last)
            lost.Add(new Gap(last + 1, session.ReservedThrough, unknown ? DropReason.SpoolDamaged : DropReason.PowerLost));
        return new SpoolRecovery
        {
            Segments = segments,
            LastOrdinal = ordinal,
            LastSequence = isCertain ? last : Math.Max(last, session.ReservedThrough),
            LastPts = pts,
            Lost = lost,
            Damage = damage,
        };
    }

    /// <summary>A full disk does not take what closes a file in order; it can be read all the same.</summary>
    private static SegmentSummary? Recover(string path, out string? mistake)
    {
        try
        {
            return SegmentRepair.Recover(path, out mistake);
        }
        catch (IOException e) when (SpoolDisk.IsFull(e))
        {
            return SegmentRepair.Inspect(path, out mistake);
        }
    }

    /// <summary>A file that is none: it is kept, under another name, until the session is over.</summary>
    /// <returns>Whether there may have been frames in it: a crash at its very beginning leaves it with none.</returns>
    private static bool PutAside(string path, string mistake, List<string> damage)
    {
        if (new FileInfo(path).Length == 0)
        {
            File.Delete(path);
            return false;
        }

        damage.Add(mistake);
        File.Move(path, path + ".damaged", overwrite: true);
        return true;
    }

    /// <summary>Within one file a number is missing only if its frame cannot be read, or never got to the disk.</summary>
    private static IEnumerable<Gap> HolesIn(SegmentSummary summary)
    {
        var last = summary.Header.HeldThrough;
        foreach (var run in summary.Runs)
        {
            if (run.First > last + 1)
                yield return new Gap(last + 1, run.First - 1, DropReason.SpoolDamaged);
            last = run.Last;
        }
    }

    private static SpoolSegment Segment(string path, SegmentSummary summary, DateTimeOffset now)
    {
        var segment = new SpoolSegment(path) { Bytes = summary.Bytes, NewestAt = summary.LastCapturedAt < now ? summary.LastCapturedAt : now };
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
