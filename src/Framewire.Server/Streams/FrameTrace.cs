using System.Diagnostics;
using Framewire.Protocol.Video;

namespace Framewire.Server.Streams;

/// <summary>
/// The trace of one frame: <c>capture</c> from the sensor until the frame is whole here, and below it <c>received</c>, <c>processed</c> and <c>persisted</c>, each
/// from then until its ack. Nothing is made unless somebody listens to the source. Stateless; any thread.
/// </summary>
internal static class FrameTrace
{
    /// <summary>The name of the source, by which whoever exports traces listens.</summary>
    public const string SourceName = "Framewire";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>The root, which is over when the frame is here; null if nobody listens.</summary>
    /// <remarks>It begins by the publisher's clock. If that is ahead of this server's, it begins when the frame came.</remarks>
    public static Activity? Begin(string stream, string session, Frame frame, DateTimeOffset receivedAt) => Source.HasListeners()
        ? Span("capture", default, frame.CapturedAt < receivedAt ? frame.CapturedAt : receivedAt, receivedAt, stream, session, (long)frame.Sequence)
        : null;

    /// <summary>A span from when the frame was here until now, with the root's attributes.</summary>
    public static void Tell(Activity root, HeldLevel level, DateTimeOffset receivedAt, DateTimeOffset now)
    {
        var name = level switch { HeldLevel.Persisted => "persisted", HeldLevel.Processed => "processed", _ => "received" };
        Span(name, root.Context, receivedAt, now < receivedAt ? receivedAt : now, root.GetTagItem("stream"), root.GetTagItem("session"), root.GetTagItem("sequence"));
    }

    /// <summary>A span that is over already. It has nothing to do with what the thread is at.</summary>
    private static Activity? Span(string name, ActivityContext parent, DateTimeOffset start, DateTimeOffset end, object? stream, object? session, object? sequence)
    {
        var current = Activity.Current;
        Activity.Current = null;
        try
        {
            var span = Source.StartActivity(
                ActivityKind.Internal, parent, [new("stream", stream), new("session", session), new("sequence", sequence)], startTime: start, name: name);
            span?.SetEndTime(end.UtcDateTime);
            span?.Stop();
            return span;
        }
        finally
        {
            Activity.Current = current;
        }
    }
}
