using Framewire.Protocol.Log;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Framewire.Server.Recording;

/// <summary>
/// Everything on disk: the files and the catalogue of them, put in order when the server starts. One for each server; thread-safe.
/// </summary>
internal sealed partial class RecordingStore : IDisposable
{
    /// <summary>A file's beginning, before its first frame, is smaller than this.</summary>
    private const int MostOfABeginning = 16 << 10;

    private readonly FileStream? _lock;
    private readonly ILogger _logger;

    private RecordingStore(RecordingFolder folder, FileStream? @lock, Catalogue catalogue, ILogger logger)
    {
        (Folder, _lock, Catalogue, _logger) = (folder, @lock, catalogue, logger);
    }

    /// <summary>Where the files are.</summary>
    public RecordingFolder Folder { get; }

    /// <summary>What is in them.</summary>
    public Catalogue Catalogue { get; }

    /// <summary>Opens a folder for recording: closes what a crash left open, and makes the catalogue again if it is missing or damaged.</summary>
    /// <exception cref="IOException">The folder cannot be used, or another server records there.</exception>
    public static RecordingStore Open(string root, ILogger logger)
    {
        var folder = new RecordingFolder(Path.GetFullPath(root));
        var @lock = Lock(folder);
        try
        {
            var catalogue = OpenCatalogue(folder, logger);
            var store = new RecordingStore(folder, @lock, catalogue, logger);
            store.Reconcile();
            store.Recover();
            return store;
        }
        catch
        {
            @lock.Dispose();
            throw;
        }
    }

    /// <summary>Opens a folder only to read it: a server may record there meanwhile.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static RecordingStore OpenCopy(string root, ILogger logger)
    {
        var folder = new RecordingFolder(Path.GetFullPath(root));
        if (!Directory.Exists(folder.Root))
            throw new IOException($"there are no recordings in {folder.Root}; name their folder with --data.");
        var store = new RecordingStore(folder, null, Catalogue.Open(":memory:"), logger);
        store.Reconcile();
        return store;
    }

    /// <summary>Looks into a file that was not closed in order, closes it, and takes what it has into the catalogue.</summary>
    /// <returns>What it has; null if there is nothing in it, and it is gone.</returns>
    public SegmentSummary? Recover(SegmentRow row)
    {
        var path = Folder.PathOf(row.Header.Stream, row.File);
        var summary = File.Exists(path) ? SegmentRepair.Recover(path) : null;
        if (summary is null || summary.IsEmpty)
        {
            DropOrSetAside(row, path, summary);
            return null;
        }

        foreach (var damage in summary.Damage)
            Log.Damaged(_logger, path, damage);
        Catalogue.Closed(row.With(summary));
        return summary;
    }

    /// <summary>A file without a frame or result was only begun, and goes; but one whose frames cannot be read is somebody's to look at.</summary>
    private void DropOrSetAside(SegmentRow row, string path, SegmentSummary? summary)
    {
        if (summary is { Damage.Count: > 0 } || (summary is null && File.Exists(path) && new FileInfo(path).Length > MostOfABeginning))
            Log.SetAside(_logger, Folder.SetAside(row.Header.Stream, row.File));
        else
            Folder.Delete(row.Header.Stream, row.File);
        Catalogue.Removed(row);
    }

    public void Dispose()
    {
        Catalogue.Dispose();
        _lock?.Dispose();
    }

    private static FileStream Lock(RecordingFolder folder)
    {
        try
        {
            Directory.CreateDirectory(folder.Root);
            return new FileStream(Path.Combine(folder.Root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"recordings cannot be kept in {folder.Root}: {e.Message} Is another server recording there, or may this one not write? Choose another folder with --data.", e);
        }
    }

    private static Catalogue OpenCatalogue(RecordingFolder folder, ILogger logger)
    {
        try
        {
            return Catalogue.Open(folder.CatalogueFile);
        }
        catch (SqliteException e)
        {
            Log.MadeAgain(logger, folder.CatalogueFile, e.Message);
            foreach (var suffix in new[] { "", "-wal", "-shm" })
                File.Delete(folder.CatalogueFile + suffix);
            return Catalogue.Open(folder.CatalogueFile);
        }
    }

    private void Recover()
    {
        foreach (var row in Catalogue.Unfinished())
        {
            if (Recover(row) is { } summary)
                Log.Recovered(_logger, Folder.PathOf(row.Header.Stream, row.File), summary.Frames);
        }
    }

    /// <summary>Takes in what the catalogue does not know, all of it if it is new, and strikes out what is not there any more.</summary>
    /// <remarks>When the power fails, the catalogue may lose its last changes, and the files do not.</remarks>
    private void Reconcile()
    {
        var known = Catalogue.Files().ToDictionary();
        foreach (var stream in Folder.Streams())
        {
            foreach (var file in Folder.FilesOf(stream))
            {
                if (!known.Remove((stream, file)))
                    TakeIn(stream, file);
            }
        }

        foreach (var ((stream, file), id) in known)
        {
            Log.Gone(_logger, Folder.PathOf(stream, file));
            Catalogue.Removed(stream, id);
        }
    }

    private void TakeIn(string stream, string file)
    {
        try
        {
            if (SegmentRepair.Inspect(Folder.PathOf(stream, file), out var mistake) is not { } summary)
            {
                Log.Unreadable(_logger, Folder.PathOf(stream, file), mistake ?? "there is nothing in it");
                return;
            }

            var row = Catalogue.Opened(summary.Header with { Stream = stream }, file).With(summary);
            // One that a server is writing, or was when it ended.
            if (!summary.IsClosed && _lock is not null)
                Catalogue.Forget(row);
            else if (summary.IsEmpty)
                Catalogue.Removed(row);
            else
                Catalogue.Closed(row);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            Log.Unreadable(_logger, Folder.PathOf(stream, file), e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{File} was not closed in order; it has {Frames} frames and is closed now")]
        public static partial void Recovered(ILogger logger, string file, long frames);

        [LoggerMessage(LogLevel.Error, "{File} is damaged: {What}")]
        public static partial void Damaged(ILogger logger, string file, string what);

        [LoggerMessage(LogLevel.Warning, "{File} is in the catalogue and not on disk any more")]
        public static partial void Gone(ILogger logger, string file);

        [LoggerMessage(LogLevel.Error, "No frame can be read from what was recorded last; it is kept as {File}")]
        public static partial void SetAside(ILogger logger, string file);

        [LoggerMessage(LogLevel.Error, "{File} is left out of the catalogue: {Why}")]
        public static partial void Unreadable(ILogger logger, string file, string why);

        [LoggerMessage(LogLevel.Warning, "The catalogue {File} cannot be used and is made again from the recordings: {Why}")]
        public static partial void MadeAgain(ILogger logger, string file, string why);
    }
}
