using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Server.Streams;

namespace Framewire.Server.Viewing;

/// <summary>The list of streams as both lists show it: gRPC's and the JSON one. Pure.</summary>
internal static class StreamStatuses
{
    /// <summary>Every stream, by name.</summary>
    public static ListStreamsResponse List(StreamRegistry streams)
    {
        var response = new ListStreamsResponse();
        response.Streams.AddRange(streams.All.Select(stream => ToWire(stream.Status())));
        return response;
    }

    private static StreamStatus ToWire(LiveStreamStatus status)
    {
        var wire = new StreamStatus
        {
            Name = status.Name,
            Online = status.OfflineSince is null,
            Viewers = (uint)status.Viewers,
            FrameRate = Math.Round(status.FrameRate, 2),
            BitRate = Math.Round(status.BitRate),
            LastCapturedAtUnixMicros = status.LastCapturedAt is { } captured ? Micros.Of(captured) : 0,
            LastReceivedAtUnixMicros = status.LastReceivedAt is { } received ? Micros.Of(received) : 0,
            Peer = status.Peer,
            Agent = status.Agent,
        };
        if (status.Session is { } session)
        {
            wire.Session = session.Id;
            wire.Format = FormatCoding.ToWire(session.Format);
            wire.LastSequence = session.ReceivedSequence;
            wire.Frames = session.Frames;
            wire.Bytes = session.Bytes;
            wire.Duplicates = session.Duplicates;
            wire.Missing = session.Missing;
            wire.Rejected = session.Rejected;
        }

        return wire;
    }
}
