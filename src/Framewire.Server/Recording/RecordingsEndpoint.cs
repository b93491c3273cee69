using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using Framewire.Server.Access;
using Framewire.Server.Streams;

namespace Framewire.Server.Recording;

/// <summary><c>framewire.v1.Recordings</c>: lists recordings, and hands their frames out. One for each server; any thread.</summary>
internal sealed class RecordingsEndpoint(
    RecordingStore store, RecordingReader reader, StreamRegistry streams, ReaderPlaces places, RecordingOptions options, TimeProvider time)
{
    private const double MostSpeed = 100;

    /// <summary>Handles one List call.</summary>
    public Task<ListResponse> ListAsync(ListRequest request, ServerCall call)
    {
        var response = new ListResponse { ServerTimeUnixMicros = Micros.Of(time.GetUtcNow()) };
        response.Recordings.AddRange(store.Catalogue.Totals().Where(totals => call.Caller().May(Right.Record, totals.Stream)).Select(totals => WithState(ToWire(totals))));
        return Task.FromResult(response);
    }

    /// <summary>Handles one Timeline call.</summary>
    public Task<TimelineResponse> TimelineAsync(TimelineRequest request, ServerCall call)
    {
        var name = Checked(store, request.Stream, call.Caller());
        var until = request.UntilUnixMicros == 0 ? DateTimeOffset.MaxValue : Micros.ToDateTimeOffset(request.UntilUnixMicros);
        var response = RecordingTimeline.Of(store.Catalogue, name, Micros.ToDateTimeOffset(request.FromUnixMicros), until);
        response.ServerTimeUnixMicros = Micros.Of(time.GetUtcNow());
        return Task.FromResult(response);
    }

    /// <summary>Handles one Read call.</summary>
    public async Task ReadAsync(ReadRequest request, MessageWriter<FrameOr<ReadResponse>> responses, ServerCall call)
    {
        var name = Checked(store, request.Stream, call.Caller());
        if (request.Speed is < 0 or > MostSpeed or double.NaN)
            throw new GrpcException(GrpcStatusCode.InvalidArgument, $"The speed {request.Speed} is out of range: 0 (as fast as possible) to {MostSpeed}.");
        using var place = Taken(places);
        var (start, until) = (StartOf(request), request.UntilUnixMicros == 0 ? DateTimeOffset.MaxValue : Micros.ToDateTimeOffset(request.UntilUnixMicros));
        if (!reader.HasAny(name, start, until))
            throw new GrpcException(GrpcStatusCode.OutOfRange, $"Nothing of stream '{name}' is recorded there; Recordings.Timeline tells what is.");

        using var over = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation, call.Draining);
        try
        {
            var playback = new RecordingPlayback(responses, request.Speed, options.HeartbeatInterval, time);
            await playback.RunAsync(reader.Read(name, start, until), request.MaxFrames, over.Token);
        }
        catch (OperationCanceledException) when (call.Draining.IsCancellationRequested)
        {
            throw new GrpcException(GrpcStatusCode.Unavailable, "The server is about to stop; read again in a moment.");
        }
    }

    private static RecordingStart StartOf(ReadRequest request) => request.StartCase switch
    {
        ReadRequest.StartOneofCase.FromPosition => new RecordingStart(default, request.FromPosition.Session, request.FromPosition.Sequence),
        ReadRequest.StartOneofCase.FromUnixMicros => new RecordingStart(Micros.ToDateTimeOffset(request.FromUnixMicros)),
        _ => new RecordingStart(DateTimeOffset.MinValue),
    };

    /// <summary>A place for one more reader.</summary>
    internal static IDisposable Taken(ReaderPlaces places) => places.TryTake()
        ?? throw new GrpcException(GrpcStatusCode.ResourceExhausted, "As many recordings are read as may be (Recording:MaxReaders); try again in a moment.");

    /// <summary>The name of a stream of which something is recorded, and which the caller may read.</summary>
    internal static string Checked(RecordingStore store, string stream, Caller caller)
    {
        if (!StreamName.TryParse(stream, out var name))
            throw new GrpcException(GrpcStatusCode.InvalidArgument, $"That cannot be the name of a stream: a name is {StreamName.Rule}.");
        caller.Demand(Right.Record, name.Value);
        return store.Catalogue.Totals().Any(totals => totals.Stream == name.Value)
            ? name.Value
            : throw new GrpcException(GrpcStatusCode.NotFound, $"Nothing of stream '{name}' is recorded.");
    }

    /// <summary>A stream's sums as the list tells them, without whether it is being recorded.</summary>
    internal static Protocol.V1.Recording ToWire(StreamTotals totals) => new()
    {
        Stream = totals.Stream,
        FirstCapturedAtUnixMicros = Micros.Of(totals.FirstCapturedAt),
        LastCapturedAtUnixMicros = Micros.Of(totals.LastCapturedAt),
        Frames = (ulong)totals.Frames,
        Bytes = (ulong)totals.Bytes,
        Segments = (uint)totals.Segments,
        Format = FormatCoding.ToWire(totals.Format!),
    };

    private Protocol.V1.Recording WithState(Protocol.V1.Recording recording)
    {
        if (streams.Find(recording.Stream)?.Status() is not { } status)
            return recording;
        recording.Active = status is { Recording.State: RecordingState.Active, OfflineSince: null };
        recording.Error = status.Recording.Error;
        return recording;
    }
}
