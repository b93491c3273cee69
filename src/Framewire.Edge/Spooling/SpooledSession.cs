using System.Text.Json;
using Framewire.Protocol.Log;
using Framewire.Protocol.Video;

namespace Framewire.Edge.Spooling;

/// <summary>What the spool knows of a session beside its frames. Kept in a small file; owned by one <see cref="Spool"/>.</summary>
internal sealed record SpooledSession(string Path)
{
    private const string FileName = "session.json";

    /// <summary>Runs kept of what fell out; more are told without a reason.</summary>
    private const int MostFellOut = 256;

    /// <summary>More numbers than were ever given and not on disk.</summary>
    private const ulong GuessedReservation = 4096;

    /// <summary>The session's identifier.</summary>
    public required string Id { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>What its frames look like.</summary>
    public required StreamFormat Format { get; init; }

    /// <summary>No sequence above this one was ever given.</summary>
    public ulong ReservedThrough { get; set; }

    /// <summary>The boot of the machine that gave them: what a program wrote before it crashed is there until the machine itself stops.</summary>
    public string Boot { get; set; } = "";

    /// <summary>Frames that fell out: the server is told again until it says that it knows.</summary>
    public List<Gap> FellOut { get; init; } = [];

    /// <summary>Reads a session's folder; null if it is none.</summary>
    public static SpooledSession? TryRead(string path)
    {
        try
        {
            var saved = JsonSerializer.Deserialize<Saved>(File.ReadAllBytes(System.IO.Path.Combine(path, FileName)));
            return saved is null
                ? null
                : new SpooledSession(path)
                {
                    Id = saved.Id,
                    StartedAt = saved.StartedAt,
                    Format = new StreamFormat(saved.Codec, saved.Width, saved.Height, saved.FrameRate),
                    ReservedThrough = saved.ReservedThrough,
                    Boot = saved.Boot,
                    FellOut = [.. saved.FellOut ?? []],
                };
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            return FromSegments(path);
        }
    }

    /// <summary>Remembers what falls out, on disk if it takes that.</summary>
    /// <returns>Whether it does.</returns>
    public bool TryRemember(IReadOnlyList<SequenceRun> runs, DropReason reason)
    {
        foreach (var run in runs)
        {
            if (FellOut.Count > 0 && FellOut[^1] is var last && last.Last + 1 == run.First && (last.Reason == reason || FellOut.Count >= MostFellOut))
                FellOut[^1] = last with { Last = run.Last };
            else if (FellOut.Count < MostFellOut)
                FellOut.Add(new Gap(run.First, run.Last, reason));
        }

        return TrySave();
    }

    /// <summary>Saves, if the disk takes it.</summary>
    public bool TrySave()
    {
        try
        {
            Save();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Every file says whose it is; only how far the numbers went has to be guessed, generously.</summary>
    private static SpooledSession? FromSegments(string path)
    {
        var last = Directory.Exists(path)
            ? Directory.EnumerateFiles(path, "*" + SegmentNames.Extension).Order(StringComparer.Ordinal).Select(SegmentRepair.Inspect).LastOrDefault(segment => segment is not null)
            : null;
        if (last is null)
            return null;
        return new SpooledSession(path)
        {
            Id = last.Header.Session,
            StartedAt = last.Header.SessionStartedAt,
            Format = last.Header.Format,
            ReservedThrough = Math.Max(last.LastSequence, last.Header.HeldThrough) + GuessedReservation,
        };
    }

    /// <summary>Writes it so that either the old or the new state is on disk, whatever happens.</summary>
    public void Save()
    {
        var saved = new Saved(Id, StartedAt, Format.Codec, Format.Width, Format.Height, Format.FrameRate, ReservedThrough, Boot, FellOut);
        var draft = System.IO.Path.Combine(Path, FileName + ".new");
        using (var file = new FileStream(draft, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            JsonSerializer.Serialize(file, saved);
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, System.IO.Path.Combine(Path, FileName), overwrite: true);
        DurableDirectory.Flush(Path);
    }

    /// <summary>The file's content.</summary>
    private sealed record Saved(
        string Id, DateTimeOffset StartedAt, Codec Codec, int Width, int Height, double FrameRate, ulong ReservedThrough, string Boot, List<Gap>? FellOut);
}
