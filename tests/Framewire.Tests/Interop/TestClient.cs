using System.Reflection;
using Framewire.Protocol.Wire;
using Framewire.Tests.Interop.Messages;
using Google.Protobuf;
using static Framewire.Tests.Interop.TestServiceMethods;

namespace Framewire.Tests.Interop;

/// <summary>
/// Our client on each case of gRPC's interop-test-descriptions.md, against whatever server it is connected to. A case is a method of its name; it throws where the server, or our
/// client, does not do as the description says.
/// </summary>
internal sealed class TestClient(ClientConnection connection)
{
    public const string EveryServer =
        "empty_unary large_unary client_streaming server_streaming ping_pong empty_stream cancel_after_begin cancel_after_first_response timeout_on_sleeping_server "
        + "custom_metadata status_code_and_message special_status_message unimplemented_method unimplemented_service";

    /// <summary>What only servers that tell compressed from plain messages pass.</summary>
    public const string CompressingServer = "client_compressed_unary server_compressed_unary client_compressed_streaming server_compressed_streaming";

    public Task RunAsync(string testCase) => (Task)typeof(TestClient)
        .GetMethods(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        .Single(method => method.Name.Equals(testCase.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase))
        .Invoke(this, null)!;

    private async Task EmptyUnary() => await connection.UnaryAsync(EmptyCall, new Empty());

    private async Task LargeUnary() => AssertSize(314_159, await connection.UnaryAsync(UnaryCall, Large()));

    private async Task ClientCompressedUnary()
    {
        var request = Large();
        request.ExpectCompressed = new BoolValue { Value = true };
        var probe = await Assert.ThrowsAsync<GrpcException>(() => connection.UnaryAsync(UnaryCall, request));
        Assert.Equal(GrpcStatusCode.InvalidArgument, probe.Status.Code);

        AssertSize(314_159, await connection.UnaryAsync(UnaryCall, request, new CallOptions { Compress = true }));
        request.ExpectCompressed.Value = false;
        AssertSize(314_159, await connection.UnaryAsync(UnaryCall, request));
    }

    private async Task ServerCompressedUnary()
    {
        foreach (var compressed in new[] { true, false })
        {
            var request = Large();
            request.ResponseCompressed = new BoolValue { Value = compressed };
            await using var call = connection.Start(UnaryCall);
            await call.Requests.WriteAsync(request);
            await call.CompleteAsync();
            Assert.True(await call.Responses.MoveNextAsync());
            AssertSize(314_159, call.Responses.Current);
            Assert.Equal(compressed, call.LastResponseWasCompressed);
            Assert.False(await call.Responses.MoveNextAsync());
        }
    }

    private async Task ClientStreaming()
    {
        await using var call = connection.Start(StreamingInputCall);
        foreach (var size in new[] { 27_182, 8, 1_828, 45_904 })
            await call.Requests.WriteAsync(new StreamingInputCallRequest { Payload = Zeros(size) });
        await call.CompleteAsync();
        Assert.Equal(74_922, (await OnlyResponseAsync(call)).AggregatedPayloadSize);
    }

    private async Task ClientCompressedStreaming()
    {
        var first = new StreamingInputCallRequest { Payload = Zeros(27_182), ExpectCompressed = new BoolValue { Value = true } };
        await using (var probe = connection.Start(StreamingInputCall))
        {
            await probe.Requests.WriteAsync(first);
            await probe.CompleteAsync();
            var refused = await Assert.ThrowsAsync<GrpcException>(async () => await probe.Responses.MoveNextAsync());
            Assert.Equal(GrpcStatusCode.InvalidArgument, refused.Status.Code);
        }
        await using var call = connection.Start(StreamingInputCall, new CallOptions { Compress = true });
        await call.Requests.WriteAsync(first);
        call.Requests.Compress = false;
        await call.Requests.WriteAsync(new StreamingInputCallRequest { Payload = Zeros(45_904), ExpectCompressed = new BoolValue() });
        await call.CompleteAsync();
        Assert.Equal(73_086, (await OnlyResponseAsync(call)).AggregatedPayloadSize);
    }

    private async Task ServerStreaming()
    {
        var request = new StreamingOutputCallRequest();
        int[] sizes = [31_415, 9, 2_653, 58_979];
        request.ResponseParameters.AddRange(sizes.Select(size => new ResponseParameters { Size = size }));
        var received = new List<int>();
        await foreach (var response in connection.ServerStreamingAsync(StreamingOutputCall, request))
            received.Add(response.Payload.Body.Length);
        Assert.Equal(sizes, received);
    }

    private async Task ServerCompressedStreaming()
    {
        var request = new StreamingOutputCallRequest
        {
            ResponseParameters =
            {
                new ResponseParameters { Size = 31_415, Compressed = new BoolValue { Value = true } },
                new ResponseParameters { Size = 92_653, Compressed = new BoolValue { Value = false } },
            },
        };
        await using var call = connection.Start(StreamingOutputCall);
        await call.Requests.WriteAsync(request);
        await call.CompleteAsync();
        foreach (var (size, compressed) in new[] { (31_415, true), (92_653, false) })
        {
            Assert.True(await call.Responses.MoveNextAsync());
            Assert.Equal((size, compressed), (call.Responses.Current.Payload.Body.Length, call.LastResponseWasCompressed));
        }
        Assert.False(await call.Responses.MoveNextAsync());
    }

    private async Task PingPong()
    {
        await using var call = connection.Start(FullDuplexCall);
        foreach (var (up, down) in new[] { (27_182, 31_415), (8, 9), (1_828, 2_653), (45_904, 58_979) })
        {
            await call.Requests.WriteAsync(Ask(up, down));
            Assert.True(await call.Responses.MoveNextAsync());
            Assert.Equal(down, call.Responses.Current.Payload.Body.Length);
        }
        await call.CompleteAsync();
        Assert.False(await call.Responses.MoveNextAsync());
    }

    private async Task EmptyStream()
    {
        await using var call = connection.Start(FullDuplexCall);
        await call.CompleteAsync();
        Assert.False(await call.Responses.MoveNextAsync());
    }

    private async Task HalfDuplex()
    {
        await using var call = connection.Start(HalfDuplexCall);
        int[] sizes = [31_415, 9, 2_653, 58_979];
        foreach (var size in sizes)
            await call.Requests.WriteAsync(Ask(0, size));
        await call.CompleteAsync();
        var received = new List<int>();
        await foreach (var response in call.Responses.ReadAllAsync(default))
            received.Add(response.Payload.Body.Length);
        Assert.Equal(sizes, received);
    }

    private async Task CancelAfterBegin()
    {
        await using var call = connection.Start(StreamingInputCall);
        call.Cancel();
        await AssertStatusAsync(GrpcStatusCode.Cancelled, async () => await call.Responses.MoveNextAsync());
    }

    private async Task CancelAfterFirstResponse()
    {
        await using var call = connection.Start(FullDuplexCall);
        await call.Requests.WriteAsync(Ask(27_182, 31_415));
        Assert.True(await call.Responses.MoveNextAsync());
        call.Cancel();
        await AssertStatusAsync(GrpcStatusCode.Cancelled, async () => await call.Responses.MoveNextAsync());
    }

    private async Task TimeoutOnSleepingServer()
    {
        await using var call = connection.Start(FullDuplexCall, new CallOptions { Timeout = TimeSpan.FromMilliseconds(1) });
        await AssertStatusAsync(GrpcStatusCode.DeadlineExceeded, async () =>
        {
            await call.Requests.WriteAsync(new StreamingOutputCallRequest { Payload = Zeros(27_182) });
            await call.Responses.MoveNextAsync();
        });
    }

    private async Task CustomMetadata()
    {
        byte[] bytes = [0xab, 0xab, 0xab];
        var headers = new Metadata();
        headers.Add("x-grpc-test-echo-initial", "test_initial_metadata_value");
        headers.AddBinary("x-grpc-test-echo-trailing-bin", bytes);
        var options = new CallOptions { Headers = headers };

        await using var unary = connection.Start(UnaryCall, options);
        await unary.Requests.WriteAsync(Large());
        await unary.CompleteAsync();
        await OnlyResponseAsync(unary);
        await using var duplex = connection.Start(FullDuplexCall, options);
        await duplex.Requests.WriteAsync(Ask(271_828, 314_159));
        await duplex.CompleteAsync();
        await OnlyResponseAsync(duplex);

        foreach (var (received, trailers) in new[] { (await unary.ResponseHeaders, unary.Trailers), (await duplex.ResponseHeaders, duplex.Trailers) })
        {
            Assert.Equal("test_initial_metadata_value", received.Get("x-grpc-test-echo-initial"));
            Assert.Equal(bytes, trailers.GetBinary("x-grpc-test-echo-trailing-bin"));
        }
    }

    private Task StatusCodeAndMessage() => EchoedStatusAsync("test status message", duplexToo: true);

    private Task SpecialStatusMessage() => EchoedStatusAsync("\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n", duplexToo: false);

    private async Task UnimplementedMethod() =>
        await AssertStatusAsync(GrpcStatusCode.Unimplemented, () => connection.UnaryAsync(UnimplementedCall, new Empty()));

    private async Task UnimplementedService() =>
        await AssertStatusAsync(GrpcStatusCode.Unimplemented, () => connection.UnaryAsync(TestServiceMethods.UnimplementedService, new Empty()));

    private async Task EchoedStatusAsync(string message, bool duplexToo)
    {
        var wanted = new EchoStatus { Code = (int)GrpcStatusCode.Unknown, Message = message };
        var unary = await AssertStatusAsync(GrpcStatusCode.Unknown, () => connection.UnaryAsync(UnaryCall, new SimpleRequest { ResponseStatus = wanted }));
        Assert.Equal(message, unary.Message);
        if (!duplexToo)
            return;
        await using var call = connection.Start(FullDuplexCall);
        await call.Requests.WriteAsync(new StreamingOutputCallRequest { ResponseStatus = wanted });
        await call.CompleteAsync();
        var duplex = await AssertStatusAsync(GrpcStatusCode.Unknown, async () => await call.Responses.MoveNextAsync());
        Assert.Equal(message, duplex.Message);
    }

    private static SimpleRequest Large() => new() { ResponseSize = 314_159, Payload = Zeros(271_828) };

    private static StreamingOutputCallRequest Ask(int up, int down) =>
        new() { Payload = Zeros(up), ResponseParameters = { new ResponseParameters { Size = down } } };

    private static async Task<TResponse> OnlyResponseAsync<TRequest, TResponse>(ClientCall<TRequest, TResponse> call) where TResponse : IMessage
    {
        Assert.True(await call.Responses.MoveNextAsync());
        var response = call.Responses.Current;
        Assert.False(await call.Responses.MoveNextAsync());
        return response;
    }

    private static async Task<GrpcStatus> AssertStatusAsync(GrpcStatusCode expected, Func<Task> call)
    {
        var failure = await Assert.ThrowsAsync<GrpcException>(call);
        Assert.Equal(expected, failure.Status.Code);
        return failure.Status;
    }

    private static void AssertSize(int expected, SimpleResponse response) => Assert.Equal(expected, response.Payload.Body.Length);
}
