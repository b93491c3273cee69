using Framewire.Protocol.Log;
using Framewire.Protocol.Video;

namespace Framewire.Edge.Spooling;

/// <content>What falls out, and what is deleted.</content>
internal sealed partial class Spool
{
    /// <summary>Closes the newest file, in order if it can be; what is appended next goes into another.</summary>
    private void LeaveNewest()
    {
        SpoolSegment? newest;
        lock (_lock)
            newest = _segments.Count > 0 && _segments[^1].Writer is not null ? _segments[^1] : null;
        if (newest is null)
            return;
        try
        {
            newest.Writer!.Close();
        }
        catch (IOException)
        {
            // It can be read as it is, up to its last whole frame.
        }

        newest.Writer!.Dispose();
        lock (_lock)
            (newest.Bytes, newest.Writer) = (newest.Writer.Length, null);
    }

    /// <summary>The disk fails, but not for want of room: whether there is hope for another file, in a folder that is made anew if it is gone.</summary>
    private bool TryBeginAgain()
    {
        try
        {
            if (Directory.Exists(_session.Path))
                LeaveNewest();
            else
                BeginAgain();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

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
            if (segment.Waiting.Count == 0)
                continue;
            _session.TryRemember(segment.Waiting.Runs, DropReason.SpoolDamaged);
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
            last = _segments.Count > 0 ? _segments[^1] : null;
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
        var lost = reason is null ? [] : segment.Waiting.Runs.ToList();
        // Before its frames are gone, or, on a full disk, in the room that they leave.
        var isRemembered = lost.Count == 0 || _session.TryRemember(lost, reason!.Value);
        CrashPoints.Reach("spool-before-delete");
        try
        {
            File.Delete(segment.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            DiskRefused(e.Message);
        }

        CrashPoints.Reach("spool-after-delete");
        if (!isRemembered)
            _session.TrySave();
        if (lost.Count > 0)
            FellOut(lost, reason!.Value);
    }

    private bool IsDiskTooFull() => SpoolDisk.Of(_session.Path) is { } disk && disk.UsedPercent > _options.MaxDiskPercent;
}
