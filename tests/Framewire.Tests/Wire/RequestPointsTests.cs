using System.Text;
using Framewire.Protocol.Wire;
using Framewire.Tests.Testing;
using static Framewire.Tests.Testing.RawConnection;
using static Framewire.Tests.Wire.PointsService;

namespace Framewire.Tests.Wire;

/// <summary>Points 1 to 10 of the checklist made of PROTOCOL-HTTP2.md: what our server makes of request headers. The client is raw HTTP/2.</summary>
public sealed class RequestPointsTests(PointsService service) : IClassFixture<PointsService>
{
    private const int Seconds = 20_000;

    private static readonly byte[] Hello = Message("hello"u8.ToArray());

    [Theory(Timeout = Seconds)]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("post")]
    public async Task Point_01_any_method_but_POST_is_405_and_reaches_no_handler(string method)
    {
        var before = service.Calls;
        await using var client = await OpenAsync(service.Port);
        var response = await client.CallAsync(1, Headers(Echo.Path, (":method", method)), Hello);
        Assert.Equal("405", response.Header(":status"));
        Assert.Equal(before, service.Calls);
    }

    [Theory(Timeout = Seconds)]
    [InlineData("/test.Points/echo")]
    [InlineData("/TEST.Points/Echo")]
    [InlineData("/test.Points/Ech%6F")]
    [InlineData("/test.Points/Ech%6f")]
    [InlineData("/test.Points/Echo/")]
    [InlineData("//test.Points/Echo")]
    [InlineData("/./test.Points/Echo")]
    [InlineData("/x/../test.Points/Echo")]
    [InlineData("/test.Points/Echo?a=b")]
    [InlineData("/test.Points%2FEcho")]
    [InlineData("/")]
    public async Task Point_02_the_path_is_compared_byte_for_byte(string path)
    {
        var before = service.Calls;
        await using var client = await OpenAsync(service.Port);
        var response = await client.CallAsync(1, Headers(path), Hello);
        Assert.Equal((int)GrpcStatusCode.Unimplemented, response.Status);
        Assert.Equal("200", response.Header(":status"));
        Assert.Equal(before, service.Calls);
    }

    [Theory(Timeout = Seconds)]
    [InlineData("test.Points/Echo")]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("http://localhost/test.Points/Echo")]
    public async Task Point_03_a_path_without_a_leading_slash_is_refused(string path)
    {
        var before = service.Calls;
        await using var client = await OpenAsync(service.Port);
        var response = await client.CallAsync(1, Headers(path), Hello);
        Assert.True(response.ResetCode == 1 || response.Status > 0 || response.Header(":status") == "400");
        Assert.Equal(before, service.Calls);
    }

    [Theory(Timeout = Seconds)]
    [InlineData(null)]
    [InlineData("deflate")]
    public async Task Point_04_without_te_trailers_the_call_is_refused(string? te)
    {
        var before = service.Calls;
        await using var client = await OpenAsync(service.Port);
        var response = await client.CallAsync(1, Headers(Echo.Path, ("te", te)), Hello);
        // Kestrel takes any other value of te for a broken connection (RFC 9113 section 8.2.2) and says so before we can.
        Assert.True(response.GoAwayCode == 1 || response.Status == (int)GrpcStatusCode.Internal);
        Assert.Equal(before, service.Calls);
    }

    [Theory(Timeout = Seconds)]
    [InlineData("application/grpc", "200")]
    [InlineData("application/grpc+proto", "200")]
    [InlineData("application/grpc;charset=utf-8", "200")]
    [InlineData("application/grpcfoo", "415")]
    [InlineData("application/grpc+json", "415")]
    [InlineData("application/json", "415")]
    [InlineData("text/html", "415")]
    [InlineData(null, "415")]
    public async Task Point_05_only_gRPC_content_types_are_taken(string? contentType, string status)
    {
        await using var client = await OpenAsync(service.Port);
        var response = await client.CallAsync(1, Headers(Echo.Path, ("content-type", contentType)), Hello);
        Assert.Equal(status, response.Header(":status"));
        Assert.Equal(status == "200" ? 0 : -1, response.Status);
    }

    [Theory(Timeout = Seconds)]
    [InlineData("abc", GrpcStatusCode.Internal)]
    [InlineData("-1S", GrpcStatusCode.Internal)]
    [InlineData("+1S", GrpcStatusCode.Internal)]
    [InlineData("1", GrpcStatusCode.Internal)]
    [InlineData("S", GrpcStatusCode.Internal)]
    [InlineData("1s", GrpcStatusCode.Internal)]
    [InlineData("1 S", GrpcStatusCode.Internal)]
    [InlineData("100000000S", GrpcStatusCode.Internal)]
    [InlineData("0n", GrpcStatusCode.DeadlineExceeded)]
    [InlineData("0H", GrpcStatusCode.DeadlineExceeded)]
    [InlineData("99999999H", GrpcStatusCode.Ok)]
    [InlineData("99999999n", GrpcStatusCode.Ok)]
    [InlineData(null, GrpcStatusCode.Ok)]
    public async Task Point_06_the_timeout_is_read_strictly(string? timeout, GrpcStatusCode status)
    {
        await using var client = await OpenAsync(service.Port);
        var response = await client.CallAsync(1, Headers(Echo.Path, ("grpc-timeout", timeout)), Hello);
        Assert.Equal((int)status, response.Status);
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_06_the_server_keeps_the_deadline_itself()
    {
        await using var client = await OpenAsync(service.Port);
        var response = await client.CallAsync(1, Headers(Hang.Path, ("grpc-timeout", "50m")), [], end: false);
        Assert.Equal((int)GrpcStatusCode.DeadlineExceeded, response.Status);
        Assert.True((response.ResetCode ?? await client.ResetOfAsync(1)) is 0 or 8); // NO_ERROR after the status, or CANCEL
    }

    [Theory(Timeout = Seconds)]
    [InlineData("AQ==", "01")]
    [InlineData("AQ", "01")]
    [InlineData("q6ur", "ABABAB")]
    [InlineData("AQ,Ag==", "01 02")]
    [InlineData("AQ==, Ag", "01 02")]
    [InlineData("", "")]
    public async Task Point_07_binary_values_come_padded_or_not_and_joined_by_commas(string value, string bytes)
    {
        await using var client = await OpenAsync(service.Port);
        var response = await client.CallAsync(1, Headers(Binary.Path, ("x-a-bin", value)), Hello);
        Assert.Equal(bytes, Encoding.ASCII.GetString(response.Body.AsSpan(5)));
        Assert.Equal("AQ", response.Trailer("x-b-bin"));
    }

    [Theory(Timeout = Seconds)]
    [InlineData("A")]
    [InlineData("!!!!")]
    [InlineData("AQ=A")]
    [InlineData("AQ\u00e9")]
    public async Task Point_07_a_bad_binary_value_fails_its_own_call_only(string value)
    {
        await using var client = await OpenAsync(service.Port);
        await client.SendHeadersAsync(1, Headers(EchoAll.Path));
        var bad = await client.CallAsync(3, Headers(Binary.Path, ("x-a-bin", value)), Hello);
        Assert.NotEqual(0, bad.Status);
        Assert.Null(bad.GoAwayCode);

        await client.SendAsync(RawFrame.Data(1, Hello, end: true));
        Assert.Equal(0, (await client.ResponseAsync(1)).Status);
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_08_equal_names_keep_their_order_and_odd_values_do_no_harm()
    {
        await using var client = await OpenAsync(service.Port);
        var headers = Headers(ShowHeaders.Path, ("x-a", "one"), ("x-a", "two, three"), ("x-odd", "\u00e9\u0001~"), ("x-blank", ""));
        var response = await client.CallAsync(1, headers, Hello);
        var shown = Encoding.Latin1.GetString(response.Body.AsSpan(5));
        Assert.Equal(0, response.Status);
        Assert.Matches("x-a=one(\n|, ?)(x-a=)?two, three", shown);
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_09_too_many_bytes_of_headers_are_refused_without_a_hang()
    {
        await using var client = await OpenAsync(service.Port);
        // 20 KiB in all, over the limit of 16: HEADERS and CONTINUATION.
        var block = RawHeaders.Write(Headers(Echo.Path, [.. Enumerable.Range(0, 20).Select(i => ($"x-{i}", (string?)new string('v', 1000)))]));
        await client.SendAsync(
            new RawFrame(FrameType.Headers, RawFrame.EndStream, 1, block[..16_000]),
            new RawFrame(FrameType.Continuation, RawFrame.EndHeaders, 1, block[16_000..]));
        var response = await client.ResponseAsync(1);
        Assert.True(response.GoAwayCode is not null || response.ResetCode is not null || response.Header(":status") is "431");
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_09_too_many_headers_are_refused_without_a_hang()
    {
        await using var client = await OpenAsync(service.Port);
        var response = await client.CallAsync(1, Headers(Echo.Path, [.. Enumerable.Range(0, 100).Select(i => ($"x-{i}", (string?)"v"))]), Hello);
        Assert.True(response.GoAwayCode is not null || response.ResetCode is not null || response.Header(":status") is "431");
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_09_headers_just_below_the_limit_pass()
    {
        await using var client = await OpenAsync(service.Port);
        var response = await client.CallAsync(1, Headers(Echo.Path, [.. Enumerable.Range(0, 14).Select(i => ($"x-{i}", (string?)new string('v', 1000)))]), Hello);
        Assert.Equal(0, response.Status);
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_10_names_that_belong_to_the_protocol_are_not_shown_to_the_handler()
    {
        await using var client = await OpenAsync(service.Port);
        var headers = Headers(ShowHeaders.Path, ("grpc-accept-encoding", "gzip"), ("grpc-made-up", "1"), ("x-mine", "2"), ("authorization", "Bearer t"));
        var shown = Encoding.Latin1.GetString((await client.CallAsync(1, headers, Hello)).Body.AsSpan(5)).Split('\n');
        Assert.Contains("x-mine=2", shown);
        Assert.Contains("Authorization=Bearer t", shown, StringComparer.OrdinalIgnoreCase);
        Assert.DoesNotContain(shown, line => line.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase) || line.StartsWith(':') || line.StartsWith("te=", StringComparison.OrdinalIgnoreCase));
    }
}
