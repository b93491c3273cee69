using Framewire.Protocol.Log;
using Framewire.Protocol.Video;

namespace Framewire.Edge.Spooling;

/// <summary>Reads frames of a spool back, quickest in ascending order: it stays in the file where it was. Owned by the sending loop; not thread-safe.</summary>
internal sealed class SpoolReader : IDisposable
{
    private string? _path;
    private SegmentReader? _segment;
    private IEnumerator<LogEntry>? _entries;
    private Frame? _next;

    /// <summary>One frame of a file, which the caller holds; null if it cannot be read.</summary>
    public Frame? Read(string path, ulong sequence)
    {
        try
        {
            if (path != _path || _next is null || _next.Sequence > sequence)
                Begin(path, sequence);
            while (_next is { } passed && passed.Sequence < sequence)
                Advance();
            // The file may have grown since it was looked at.
            if (_next is null)
                Begin(path, sequence);
            if (_next?.Sequence != sequence)
                return null;
            var frame = _next.Retain();
            Advance();
            return frame;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            End();
            return null;
        }
    }

    public void Dispose() => End();

    private void Begin(string path, ulong sequence)
    {
        End();
        _path = path;
        _segment = SegmentReader.Open(path);
        _entries = _segment.ReadFrom(sequence).GetEnumerator();
        Advance();
    }

    private void Advance()
    {
        _next?.Release();
        _next = null;
        while (_entries!.MoveNext())
        {
            if (_entries.Current is not LogEntry.Picture { Frame: var frame })
                continue;
            _next = frame;
            return;
        }
    }

    private void End()
    {
        _next?.Release();
        _entries?.Dispose();
        _segment?.Dispose();
        (_path, _next, _entries, _segment) = (null, null, null, null);
    }
}
