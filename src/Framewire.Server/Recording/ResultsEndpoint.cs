using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Server.Access;

namespace Framewire.Server.Recording;

/// <summary>
/// The half of <c>framewire.v1.Recordings</c> that is about what processors made of frames. One for each server; any thread.
/// </summary>
internal sealed class ResultsEndpoint(RecordingStore store, ResultsReader results, ReaderPlaces places)
{
    /// <summary>Handles one Find call.</summary>
    public async Task<FindResponse> FindAsync(FindRequest request, ServerCall call)
    {
        var name = RecordingsEndpoint.Checked(store, request.Stream, call.Caller());
        if (float.IsNaN(request.MinScore))
            throw new GrpcException(GrpcStatusCode.InvalidArgument, "The lowest score is not a number.");
        using var place = RecordingsEndpoint.Taken(places);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation, call.Draining);
        try
        {
            return await Task.Run(() => Find(results, name, request, over.Token), over.Token);
        }
        catch (OperationCanceledException) when (call.Draining.IsCancellationRequested)
        {
            throw new GrpcException(GrpcStatusCode.Unavailable, "The server is about to stop; search again in a moment.");
        }
    }

    /// <summary>Handles one ReadResults call.</summary>
    public async Task ReadAsync(ReadResultsRequest request, MessageWriter<FrameResults> responses, ServerCall call)
    {
        var name = RecordingsEndpoint.Checked(store, request.Stream, call.Caller());
        using var place = RecordingsEndpoint.Taken(places);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation, call.Draining);
        try
        {
            foreach (var frame in results.Read(name, Micros.ToDateTimeOffset(request.FromUnixMicros), End(request.UntilUnixMicros), null, over.Token))
                await responses.WriteAsync(ResultCoding.ToWire(frame), cancellation: over.Token);
        }
        catch (OperationCanceledException) when (call.Draining.IsCancellationRequested)
        {
            throw new GrpcException(GrpcStatusCode.Unavailable, "The server is about to stop; read again in a moment.");
        }
    }

    /// <summary>What a request asks for.</summary>
    internal static FindResponse Find(ResultsReader results, string stream, FindRequest request, CancellationToken cancellation) => Findings.In(
        results.Read(stream, Micros.ToDateTimeOffset(request.FromUnixMicros), End(request.UntilUnixMicros), Sought.In(request), cancellation), request);

    private static DateTimeOffset End(long micros) => micros == 0 ? DateTimeOffset.MaxValue : Micros.ToDateTimeOffset(micros);
}
