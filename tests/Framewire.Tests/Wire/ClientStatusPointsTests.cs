using Framewire.Protocol.Wire;
using Framewire.Tests.Testing;
using static Framewire.Tests.Testing.RawServer;
using static Framewire.Tests.Wire.PointsService;

namespace Framewire.Tests.Wire;

/// <summary>Points 26 to 29, 34 and 35 of the checklist made of PROTOCOL-HTTP2.md: which status our client makes of a response. The server is raw HTTP/2.</summary>
public sealed class ClientStatusPointsTests
{
    private const int Seconds = 20_000;

    private static readonly byte[] Hello = Message("hello"u8.ToArray());

    [Theory(Timeout = Seconds)]
    [InlineData(400, GrpcStatusCode.Internal)]
    [InlineData(401, GrpcStatusCode.Unauthenticated)]
    [InlineData(403, GrpcStatusCode.PermissionDenied)]
    [InlineData(404, GrpcStatusCode.Unimplemented)]
    [InlineData(429, GrpcStatusCode.Unavailable)]
    [InlineData(431, GrpcStatusCode.Internal)]
    [InlineData(502, GrpcStatusCode.Unavailable)]
    [InlineData(503, GrpcStatusCode.Unavailable)]
    [InlineData(504, GrpcStatusCode.Unavailable)]
    [InlineData(302, GrpcStatusCode.Unknown)]
    [InlineData(418, GrpcStatusCode.Unknown)]
    [InlineData(500, GrpcStatusCode.Unknown)]
    public async Task Point_26_an_HTTP_status_without_a_grpc_status_is_mapped(int status, GrpcStatusCode expected)
    {
        var failure = await FailAsync(expected, stream =>
            [Headers(stream, false, (":status", $"{status}"), ("content-type", "text/html")), RawFrame.Data(stream, "<html>"u8, end: true)]);
        Assert.Contains($"{status}", failure.Status.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Seconds)]
    public Task Point_26_status_200_without_a_grpc_status_is_UNKNOWN() =>
        FailAsync(GrpcStatusCode.Unknown, stream => [GoodHead(stream), RawFrame.Data(stream, Hello, end: true)]);

    [Fact(Timeout = Seconds)]
    public Task Point_26_status_200_with_another_content_type_is_UNKNOWN() => FailAsync(GrpcStatusCode.Unknown, stream =>
        [Headers(stream, false, (":status", "200"), ("content-type", "text/html")), RawFrame.Data(stream, Hello), Headers(stream, true, ("grpc-status", "0"))]);

    [Fact(Timeout = Seconds)]
    public async Task Point_26_interim_responses_are_passed_over()
    {
        await using var server = Answering(stream => [Headers(stream, false, (":status", "103"), ("link", "</x>")), .. Good(stream, Hello)]);
        await using var connection = server.Connect();
        Assert.Equal("hello"u8.ToArray(), await connection.UnaryAsync(Echo, []));
    }

    [Theory(Timeout = Seconds)]
    [InlineData(200, "application/grpc")]
    [InlineData(503, "application/grpc")]
    [InlineData(404, "text/html")]
    public async Task Point_27_a_grpc_status_wins_over_the_HTTP_status(int status, string contentType)
    {
        var failure = await FailAsync(GrpcStatusCode.NotFound, stream =>
            [Headers(stream, true, (":status", $"{status}"), ("content-type", contentType), ("grpc-status", "5"), ("grpc-message", "gone%21"), ("x-why", "because"))]);
        Assert.Equal(("gone!", "because"), (failure.Status.Message, failure.Trailers.Get("x-why")));
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_27_a_status_in_the_headers_does_not_count_if_trailers_follow()
    {
        await FailAsync(GrpcStatusCode.Aborted, stream =>
            [GoodHead(stream, ("grpc-status", "0")), RawFrame.Data(stream, Hello), Headers(stream, true, ("grpc-status", "10"))]);
    }

    [Theory(Timeout = Seconds)]
    [InlineData("abc")]
    [InlineData("-1")]
    [InlineData("99")]
    [InlineData("")]
    public Task Point_27_a_grpc_status_that_means_nothing_is_UNKNOWN(string status) =>
        FailAsync(GrpcStatusCode.Unknown, stream => [GoodHead(stream), Headers(stream, true, ("grpc-status", status))]);

    [Theory(Timeout = Seconds)]
    [InlineData(0, GrpcStatusCode.Internal)]
    [InlineData(1, GrpcStatusCode.Internal)]
    [InlineData(2, GrpcStatusCode.Internal)]
    [InlineData(3, GrpcStatusCode.Internal)]
    [InlineData(4, GrpcStatusCode.Internal)]
    [InlineData(5, GrpcStatusCode.Internal)]
    [InlineData(6, GrpcStatusCode.Internal)]
    [InlineData(7, GrpcStatusCode.Unavailable)]
    [InlineData(8, GrpcStatusCode.Cancelled)]
    [InlineData(9, GrpcStatusCode.Internal)]
    [InlineData(10, GrpcStatusCode.Internal)]
    [InlineData(11, GrpcStatusCode.ResourceExhausted)]
    [InlineData(12, GrpcStatusCode.PermissionDenied)]
    [InlineData(13, GrpcStatusCode.Unknown)]
    public async Task Point_28_RST_STREAM_becomes_the_status_that_its_code_stands_for(int code, GrpcStatusCode expected)
    {
        await FailAsync(expected, stream => [GoodHead(stream), RawFrame.Reset(stream, code)]);
        await FailAsync(expected, stream => [GoodHead(stream), RawFrame.Data(stream, Hello.AsSpan(0, 7)), RawFrame.Reset(stream, code)]);
        if (code != 7) // Before the headers, REFUSED_STREAM is a reason to try again (point 31).
            await FailAsync(expected, stream => [RawFrame.Reset(stream, code)]);
    }

    [Theory(Timeout = Seconds)]
    [InlineData("100%zz", "100%zz")]
    [InlineData("50%", "50%")]
    [InlineData("%4", "%4")]
    [InlineData("%E2%98%83%09%25", "☃\t%")]
    [InlineData("%FF", "\uFFFD")]
    public async Task Point_29_broken_percent_encoding_does_not_lose_the_status(string encoded, string message)
    {
        var failure = await FailAsync(GrpcStatusCode.InvalidArgument, stream => [GoodHead(stream), Headers(stream, true, ("grpc-status", "3"), ("grpc-message", encoded))]);
        Assert.Equal(message, failure.Status.Message);
    }

    [Fact(Timeout = Seconds)]
    public Task Point_34_an_encoding_that_was_not_offered_is_INTERNAL() =>
        FailAsync(GrpcStatusCode.Internal, stream => [GoodHead(stream, ("grpc-encoding", "snappy")), .. Good(stream, Hello).Skip(1)]);

    [Fact(Timeout = Seconds)]
    public Task Point_34_a_compressed_message_without_an_encoding_is_INTERNAL() =>
        FailAsync(GrpcStatusCode.Internal, stream => Good(stream, Message([1, 2, 3], flag: 1)));

    [Fact(Timeout = Seconds)]
    public Task Point_34_a_flag_other_than_0_and_1_is_INTERNAL() => FailAsync(GrpcStatusCode.Internal, stream => Good(stream, Message([1], flag: 2)));

    [Theory(Timeout = Seconds)]
    [InlineData(0xFFFFFFFF)]
    [InlineData((16u << 20) + 1)]
    public Task Point_34_a_message_over_the_limit_is_RESOURCE_EXHAUSTED(uint length) =>
        FailAsync(GrpcStatusCode.ResourceExhausted, stream => Good(stream, Message([1, 2, 3], length: length)));

    [Fact(Timeout = Seconds)]
    public Task Point_34_a_message_cut_short_is_INTERNAL() => FailAsync(GrpcStatusCode.Internal, stream => Good(stream, Message([1, 2, 3], length: 4)));

    [Fact(Timeout = Seconds)]
    public Task Point_34_bytes_that_are_not_the_message_are_INTERNAL() => FailAsync(GrpcStatusCode.Internal, stream => Good(stream, Message([0xFF])));

    [Fact(Timeout = Seconds)]
    public Task Point_35_two_messages_for_a_unary_call_are_an_error() => FailAsync(GrpcStatusCode.Unimplemented, stream => Good(stream, [.. Hello, .. Hello]));

    [Fact(Timeout = Seconds)]
    public Task Point_35_OK_without_a_message_for_a_unary_call_is_an_error() => FailAsync(GrpcStatusCode.Unimplemented, stream => Good(stream, []));

    [Fact(Timeout = Seconds)]
    public Task Point_35_a_message_before_a_bad_status_does_not_make_the_call_good() => FailAsync(GrpcStatusCode.DataLoss, stream =>
        [GoodHead(stream), RawFrame.Data(stream, Hello), Headers(stream, true, ("grpc-status", "15"))]);

    private static async Task<GrpcException> FailAsync(GrpcStatusCode expected, Func<int, IEnumerable<RawFrame>> answer)
    {
        await using var server = Answering(answer);
        await using var connection = server.Connect();
        var failure = await Assert.ThrowsAsync<GrpcException>(() => connection.UnaryAsync(Echo, [1, 2, 3]));
        Assert.True(expected == failure.Status.Code, $"{failure}");
        return failure;
    }
}
