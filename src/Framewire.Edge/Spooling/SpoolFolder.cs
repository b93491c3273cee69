using System.Text.Json;
using Framewire.Protocol.Log;
using Framewire.Protocol.Video;

namespace Framewire.Edge.Spooling;

/// <summary>
/// One stream's folder in the spool: a folder for each session that is not finished, and a lock, so that no two publishers use it. Owned
/// by one <see cref="Publisher"/>.
/// </summary>
/// <remarks>
/// <code>
///   DIR/STREAM/lock
///   DIR/STREAM/SESSION/session.json         who it is, and how far its numbers may have gone
///   DIR/STREAM/SESSION/0000000001.mcap      its frames, in order; the newest file is always there
/// </code>
/// </remarks>
internal sealed class SpoolFolder : IDisposable
{
    private readonly string _path;
    private readonly FileStream _lock;

    private SpoolFolder(string path, FileStream @lock) => (_path, _lock) = (path, @lock);

    /// <summary>Takes the folder, made if need be.</summary>
    /// <exception cref="IOException">It cannot be made or written, or another publisher uses it.</exception>
    public static SpoolFolder Take(SpoolOptions options, string stream)
    {
        var path = Path.Combine(options.Directory, stream);
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"the spool {path} cannot be made: {e.Message} Choose another folder with --spool.", e);
        }

        try
        {
            return new SpoolFolder(path, new FileStream(Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException))
        {
            throw new IOException($"the spool {path} is used by another publisher: stop it, or give this one another --stream or --spool ({e.Message})", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"the spool {path} cannot be written: {e.Message}", e);
        }
    }

    /// <summary>The sessions that are not finished, the oldest first.</summary>
    public IReadOnlyList<SpooledSession> Sessions() =>
    [
        .. Directory.EnumerateDirectories(_path)
            .Select(SpooledSession.TryRead)
            .OfType<SpooledSession>()
            .OrderBy(session => session.StartedAt),
    ];

    /// <summary>Begins a session.</summary>
    public SpooledSession Begin(StreamFormat format, DateTimeOffset now)
    {
        var id = Guid.NewGuid().ToString("N");
        var session = new SpooledSession(Path.Combine(_path, id)) { Id = id, StartedAt = now, Format = format };
        Directory.CreateDirectory(session.Path);
        session.Save();
        DurableDirectory.Flush(_path);
        return session;
    }

    public void Dispose() => _lock.Dispose();
}

/// <summary>What the spool knows of a session beside its frames. Kept in a small file; owned by one <see cref="Spool"/>.</summary>
internal sealed record SpooledSession(string Path)
{
    private const string FileName = "session.json";

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
                };
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            return FromSegments(path);
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
        var saved = new Saved(Id, StartedAt, Format.Codec, Format.Width, Format.Height, Format.FrameRate, ReservedThrough, Boot);
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
        string Id, DateTimeOffset StartedAt, Codec Codec, int Width, int Height, double FrameRate, ulong ReservedThrough, string Boot);
}
