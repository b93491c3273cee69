using Framewire.Protocol.Video;

namespace Framewire.Edge.Spooling;

/// <content>What falls out, and what is deleted.</content>
internal sealed partial class Spool
{
    /// <summary>The folder was taken away under the open file: what is in there is gone.</summary>
    private void BeginAgain()
    {
        List<SpoolSegment> gone;
        lock (_lock)
        {
            gone = _segments.FindAll(segment => !File.Exists(segment.Path));
            _segments.RemoveAll(gone.Contains);
        }

        foreach (var segment in gone)
        {
            segment.Writer?.Dispose();
            if (segment.Waiting.Count > 0)
                FellOut([.. segment.Waiting.Runs], DropReason.SpoolDamaged);
        }

        Directory.CreateDirectory(_session.Path);
        _session.Save();
    }

    private bool TryMakeRoom()
    {
        if (DropOldest(DropReason.SpoolFull))
            return true;
        // Only the newest is left: begin another in its place.
        SpoolSegment? last;
        lock (_lock)
        {
            last = _segments.Count > 0 && _segments[^1].Waiting.Count > 0 ? _segments[^1] : null;
            if (last is not null)
                _segments.Remove(last);
        }

        if (last is null)
            return false;
        Delete(last, DropReason.SpoolFull);
        return true;
    }

    private void DeleteAcknowledged()
    {
        List<SpoolSegment> done;
        lock (_lock)
        {
            done = _segments.FindAll(segment => segment.Writer is null && segment.Waiting.Count == 0 && segment != _segments[^1]);
            _segments.RemoveAll(done.Contains);
        }

        foreach (var segment in done)
            Delete(segment, reason: null);
    }

    private void DropWhile(Predicate<SpoolSegment> tooMuch, DropReason reason)
    {
        while (true)
        {
            lock (_lock)
            {
                if (_segments.Count < 2 || !tooMuch(_segments[0]))
                    return;
            }

            DropOldest(reason);
        }
    }

    private bool DropOldest(DropReason reason)
    {
        SpoolSegment oldest;
        lock (_lock)
        {
            if (_segments.Count < 2)
                return false;
            oldest = _segments[0];
            _segments.RemoveAt(0);
        }

        Delete(oldest, reason);
        return true;
    }

    private void Delete(SpoolSegment segment, DropReason? reason)
    {
        segment.Writer?.Dispose();
        try
        {
            File.Delete(segment.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            DiskRefused(e.Message);
        }

        if (reason is { } why && segment.Waiting.Count > 0)
            FellOut([.. segment.Waiting.Runs], why);
    }

    private bool IsDiskTooFull() => SpoolDisk.Of(_session.Path) is { } disk && disk.UsedPercent > _options.MaxDiskPercent;
}
