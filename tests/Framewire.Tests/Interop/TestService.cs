using Framewire.Protocol.Wire;
using Framewire.Tests.Interop.Messages;

namespace Framewire.Tests.Interop;

/// <summary>grpc.testing.TestService on our Wire: what the official clients of gRPC's interoperability tests talk to.</summary>
internal static class TestService
{
    public static ServiceTable Table()
    {
        var services = new ServiceTable();
        services.AddUnary(TestServiceMethods.EmptyCall, (_, _) => Task.FromResult(new Empty()));
        services.AddUnary(TestServiceMethods.UnaryCall, UnaryAsync);
        services.AddServerStreaming(TestServiceMethods.StreamingOutputCall, RespondAsync);
        services.AddClientStreaming(TestServiceMethods.StreamingInputCall, SumAsync);
        services.AddDuplex(TestServiceMethods.FullDuplexCall, FullDuplexAsync);
        services.AddDuplex(TestServiceMethods.HalfDuplexCall, HalfDuplexAsync);
        return services;
    }

    private static Task<SimpleResponse> UnaryAsync(SimpleRequest request, ServerCall call)
    {
        EchoMetadata(call);
        CheckCompression(request.ExpectCompressed, call);
        EchoStatus(request.ResponseStatus);
        call.CompressResponses = request.ResponseCompressed?.Value ?? false;
        return Task.FromResult(new SimpleResponse { Payload = TestServiceMethods.Zeros(request.ResponseSize) });
    }

    private static async Task<StreamingInputCallResponse> SumAsync(MessageReader<StreamingInputCallRequest> requests, ServerCall call)
    {
        var sum = 0;
        while (await requests.MoveNextAsync(call.Cancellation))
        {
            CheckCompression(requests.Current.ExpectCompressed, call);
            sum += requests.Current.Payload.Body.Length;
        }
        return new StreamingInputCallResponse { AggregatedPayloadSize = sum };
    }

    private static async Task FullDuplexAsync(
        MessageReader<StreamingOutputCallRequest> requests, MessageWriter<StreamingOutputCallResponse> responses, ServerCall call)
    {
        EchoMetadata(call);
        while (await requests.MoveNextAsync(call.Cancellation))
            await RespondAsync(requests.Current, responses, call);
    }

    private static async Task HalfDuplexAsync(
        MessageReader<StreamingOutputCallRequest> requests, MessageWriter<StreamingOutputCallResponse> responses, ServerCall call)
    {
        var all = new List<StreamingOutputCallRequest>();
        await foreach (var request in requests.ReadAllAsync(call.Cancellation))
            all.Add(request);
        foreach (var request in all)
            await RespondAsync(request, responses, call);
    }

    private static async Task RespondAsync(StreamingOutputCallRequest request, MessageWriter<StreamingOutputCallResponse> responses, ServerCall call)
    {
        EchoStatus(request.ResponseStatus);
        call.CompressResponses |= request.ResponseParameters.Any(response => response.Compressed?.Value ?? false);
        foreach (var wanted in request.ResponseParameters)
        {
            if (wanted.IntervalUs > 0)
                await Task.Delay(TimeSpan.FromMicroseconds(wanted.IntervalUs), call.Cancellation);
            responses.Compress = wanted.Compressed?.Value ?? false;
            await responses.WriteAsync(new StreamingOutputCallResponse { Payload = TestServiceMethods.Zeros(wanted.Size) }, true, call.Cancellation);
        }
    }

    private static void EchoMetadata(ServerCall call)
    {
        if (call.RequestHeaders.Get("x-grpc-test-echo-initial") is { } text)
            call.ResponseHeaders.Add("x-grpc-test-echo-initial", text);
        if (call.RequestHeaders.GetBinary("x-grpc-test-echo-trailing-bin") is { } bytes)
            call.ResponseTrailers.AddBinary("x-grpc-test-echo-trailing-bin", bytes);
    }

    private static void EchoStatus(EchoStatus? wanted)
    {
        if (wanted is { Code: not 0 })
            throw new GrpcException((GrpcStatusCode)wanted.Code, wanted.Message);
    }

    private static void CheckCompression(BoolValue? expected, ServerCall call)
    {
        if (expected is not null && expected.Value != call.LastRequestWasCompressed)
            throw new GrpcException(GrpcStatusCode.InvalidArgument, $"Compressed should be {expected.Value}.");
    }
}
