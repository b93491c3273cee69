using Framewire.Protocol.Log;
using Microsoft.Extensions.Logging;

namespace Framewire.Server.Recording;

/// <summary>
/// Deletes the oldest files, whole, while there is more than may be kept: oldest by this server's clock, since a camera's may say anything.
/// Never one that is being written. Owned by <see cref="Recorders"/>;
/// one loop.
/// </summary>
internal sealed partial class Retention(RecordingStore store, RecordingOptions options, TimeProvider time, ILogger logger)
{
    private const int AtOnce = 100;

    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private readonly long _started = time.GetTimestamp();

    /// <summary>Deletes what is over: too old, too much, or where the disk is too full.</summary>
    public void DeleteWhatIsOver()
    {
        try
        {
            // A clock that is set while the server runs must not make everything look old.
            var now = _startedAt + time.GetElapsedTime(_started);
            if (options.KeepFor is { } age)
                Delete(row => RecordingFolder.BegunAt(row.File) + options.SegmentDuration < now - age, "too old");
            if (options.KeepBytes is { } bytes)
                Delete(_ => store.Catalogue.Totals().Sum(totals => totals.Bytes) > bytes, "too much");
            if (options.KeepFreeBytes is { } free)
                Delete(_ => DiskProbe.FreeBytes(store.Folder.Root) is var (_, left) && left < free, "the disk is too full");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Failed(logger, e.Message);
        }
    }

    private void Delete(Predicate<SegmentRow> isOver, string why)
    {
        while (true)
        {
            var oldest = store.Catalogue.Oldest(AtOnce);
            foreach (var row in oldest)
            {
                if (!isOver(row))
                    return;
                CrashPoints.Reach("retention-before-delete");
                store.Folder.Delete(row.Header.Stream, row.File);
                CrashPoints.Reach("retention-after-delete");
                store.Catalogue.Removed(row);
                Log.Deleted(logger, store.Folder.PathOf(row.Header.Stream, row.File), why);
            }

            if (oldest.Count == 0)
                return;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Deleted {File}: {Why}")]
        public static partial void Deleted(ILogger logger, string file, string why);

        [LoggerMessage(LogLevel.Error, "Old recordings cannot be deleted: {Why}")]
        public static partial void Failed(ILogger logger, string why);
    }
}
