using Framewire.Protocol.Video;

namespace Framewire.Protocol.Media;

/// <summary>
/// When each frame of a recording is shown in a file that begins with the first one: by the presentation times within a session, by the
/// clock from one session to the next. Owned by one loop.
/// </summary>
public sealed class FileTimes
{
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1);

    private string? _session;
    private DateTimeOffset _began;
    private TimeSpan _offset;
    private TimeSpan _last = -Least;

    /// <summary>The time of the next frame.</summary>
    public TimeSpan Of(string session, Frame frame)
    {
        if (_session is null)
            (_session, _began, _offset) = (session, frame.CapturedAt, -frame.Pts);
        if (session != _session)
        {
            var byClock = frame.CapturedAt - _began;
            _session = session;
            _offset = (byClock > _last ? byClock : _last + Least) - frame.Pts;
        }

        var at = frame.Pts + _offset;
        _last = at > _last ? at : _last;
        return at > TimeSpan.Zero ? at : TimeSpan.Zero;
    }
}
