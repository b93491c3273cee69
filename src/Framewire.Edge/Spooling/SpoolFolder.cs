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
