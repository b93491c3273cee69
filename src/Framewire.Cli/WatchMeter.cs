using System.Globalization;
using Framewire.Protocol.V1;
using Frame = Framewire.Protocol.Video.Frame;

namespace Framewire.Cli;

/// <summary>Counts what a viewer gets and shows it on the status line twice a second. Owned by one watch loop.</summary>
internal sealed class WatchMeter(Terminal terminal, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _shownAt;
    private long _frames, _bytes, _missed, _framesShown, _bytesShown;

    /// <summary>The whole run in one line.</summary>
    public string Summary => string.Create(
        CultureInfo.InvariantCulture,
        $"{_frames} frames, {_bytes / 1e6:0.0} MB in {time.GetElapsedTime(_start).TotalSeconds:0.0} s, {_missed} missed");

    /// <summary>Takes note of a message that is no frame.</summary>
    public void Note(WatchResponse message)
    {
        switch (message.MessageCase)
        {
            case WatchResponse.MessageOneofCase.Started:
                terminal.Line($"Session {message.Started.Session}: {message.Started.Format.Codec.ToString().ToLowerInvariant()} {message.Started.Format.Width}x{message.Started.Format.Height}");
                break;
            case WatchResponse.MessageOneofCase.Gap:
                _missed += (long)(message.Gap.LastSequence - message.Gap.FirstSequence + 1);
                break;
            case WatchResponse.MessageOneofCase.Offline:
                terminal.Line(message.Offline.Complete ? "The publisher is done." : "The publisher is gone; waiting for it to come back.");
                break;
        }
    }

    /// <summary>Counts a frame.</summary>
    public void Count(Frame frame)
    {
        _frames++;
        _bytes += frame.Buffer.Length;
        var now = time.GetElapsedTime(_start);
        var since = now - _shownAt;
        if (since < TimeSpan.FromSeconds(0.5))
            return;

        var age = time.GetUtcNow() - frame.CapturedAt;
        terminal.Status(string.Create(
            CultureInfo.InvariantCulture,
            $"{(_frames - _framesShown) / since.TotalSeconds:0.0} fps  {(_bytes - _bytesShown) * 8 / since.TotalSeconds / 1e6:0.00} Mbit/s  capture to here {age.TotalMilliseconds:0} ms  {_frames} frames  {_missed} missed"));
        (_shownAt, _framesShown, _bytesShown) = (now, _frames, _bytes);
    }
}
