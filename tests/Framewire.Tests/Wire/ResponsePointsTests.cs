using System.Text;
using Framewire.Protocol.Wire;
using Framewire.Server.Wire;
using Framewire.Tests.Testing;
using static Framewire.Tests.Testing.RawConnection;
using static Framewire.Tests.Wire.PointsService;

namespace Framewire.Tests.Wire;

/// <summary>Points 19 to 25 of the checklist made of PROTOCOL-HTTP2.md: what our server answers. The client is raw HTTP/2.</summary>
public sealed class ResponsePointsTests(PointsService service) : IClassFixture<PointsService>
{
    private const int Seconds = 20_000;

    private static readonly byte[] Hello = Message("hello"u8.ToArray());

    [Theory(Timeout = Seconds)]
    [InlineData(nameof(Echo), 0)]
    [InlineData(nameof(Fail), 2)]
    [InlineData(nameof(Refuse), 8)]
    [InlineData("Missing", 12)]
    public async Task Point_19_every_outcome_has_HTTP_status_200_the_content_type_and_a_grpc_status(string method, int status)
    {
        await using var client = await OpenAsync(service.Port);
        var response = await client.CallAsync(1, Headers($"/test.Points/{method}"), Hello);
        Assert.Equal(("200", "application/grpc", status), (response.Header(":status"), response.Header("content-type"), response.Status));
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_19_the_status_of_a_good_call_is_in_its_trailers()
    {
        await using var client = await OpenAsync(service.Port);
        var response = await client.CallAsync(1, Headers(EchoAll.Path), []);
        Assert.Equal(2, response.Blocks.Count);
        Assert.Null(response.Header("grpc-status"));
        Assert.Equal("0", response.Trailer("grpc-status"));
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_20_an_error_without_messages_is_one_block_of_headers_with_END_STREAM()
    {
        await using var client = await OpenAsync(service.Port);
        await client.SendHeadersAsync(1, Headers(Fail.Path));
        await client.SendAsync(RawFrame.Data(1, Hello, end: true));
        RawFrame frame;
        do
            frame = await client.ReceiveAsync();
        while (frame.Stream != 1);
        Assert.True(frame is { Type: FrameType.Headers, EndsStream: true });
        Assert.Contains(("grpc-status", "2"), RawHeaders.Read(frame.Payload));
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_21_the_status_is_plain_decimal_and_the_message_percent_encoded()
    {
        await using var client = await OpenAsync(service.Port);
        var response = await client.CallAsync(1, Headers(Refuse.Path), Hello);
        Assert.Equal(("8", "100%25 full%0A%E2%98%BA"), (response.Trailer("grpc-status"), response.Trailer("grpc-message")));
    }

    [Theory(Timeout = Seconds)]
    [InlineData("gzip", true)]
    [InlineData("identity,deflate,gzip", true)]
    [InlineData("identity, deflate , GZIP", true)]
    [InlineData("identity,deflate", false)]
    [InlineData("gzipped", false)]
    [InlineData(null, false)]
    public async Task Point_22_responses_are_compressed_only_if_the_client_listed_the_encoding(string? accepted, bool compressed)
    {
        await using var client = await OpenAsync(service.Port);
        var response = await client.CallAsync(1, Headers(Squeeze.Path, ("grpc-accept-encoding", accepted)), Message(new byte[1000]));
        Assert.Equal(compressed ? 1 : 0, response.Body[0]);
        Assert.Equal(compressed ? "gzip" : null, response.Header("grpc-encoding"));
        Assert.True(compressed ? response.Body.Length < 100 : response.Body.Length == 1005);
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_22_responses_are_plain_when_the_handler_does_not_ask_for_more()
    {
        await using var client = await OpenAsync(service.Port);
        var response = await client.CallAsync(1, Headers(Echo.Path, ("grpc-accept-encoding", "gzip")), Hello);
        Assert.Equal((0, null), (response.Body[0], response.Header("grpc-encoding")));
    }

    [Theory(Timeout = Seconds)]
    [InlineData(nameof(Refuse))]
    [InlineData("Missing")]
    public async Task Point_23_a_status_before_the_clients_END_STREAM_is_followed_by_RST_STREAM_NO_ERROR(string method)
    {
        await using var client = await OpenAsync(service.Port);
        var response = await client.CallAsync(1, Headers($"/test.Points/{method}"), Hello, end: false);
        Assert.True(response.Ended);
        Assert.True(response.Status > 0);
        Assert.Equal(0, response.ResetCode);
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_23_no_reset_follows_a_call_that_both_ends_finished()
    {
        await using var client = await OpenAsync(service.Port);
        Assert.Null((await client.CallAsync(1, Headers(Echo.Path), Hello)).ResetCode);
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_24_what_a_handler_throws_is_UNKNOWN_and_stays_in_the_house()
    {
        await using var client = await OpenAsync(service.Port);
        var response = await client.CallAsync(1, Headers(Fail.Path), Hello);
        Assert.Equal((int)GrpcStatusCode.Unknown, response.Status);
        Assert.DoesNotContain(response.Blocks.SelectMany(block => block), header => header.Value.Contains("secret", StringComparison.Ordinal));
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_25_a_stopping_server_says_GOAWAY_finishes_old_calls_and_refuses_new_ones()
    {
        await using var host = await WireHost.StartAsync(service.Table(), new TransportOptions { DrainTimeout = TimeSpan.FromSeconds(5) });
        await using var client = await OpenAsync(host.Port);
        await client.SendHeadersAsync(1, Headers(EchoAll.Path));
        await client.SendAsync(RawFrame.Data(1, Hello));
        await ReceiveUntilAsync(client, frame => frame is { Type: FrameType.Data, Stream: 1 });

        var stopping = host.StopAsync();
        await ReceiveUntilAsync(client, frame => frame.Type == FrameType.GoAway && frame.ErrorCode == 0);
        await client.SendHeadersAsync(3, Headers(Echo.Path));
        await client.SendAsync(RawFrame.Data(3, Hello, end: true));
        var refused = await client.ResponseAsync(3);
        Assert.True(refused.Status == (int)GrpcStatusCode.Unavailable || refused.ResetCode == 7 || !refused.Ended);

        await client.SendAsync(RawFrame.Data(1, Hello, end: true));
        var old = await client.ResponseAsync(1);
        Assert.Equal((0, Hello.Length), (old.Status, old.Body.Length));
        await stopping;
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_25_a_call_that_does_not_finish_in_time_is_ended_with_UNAVAILABLE()
    {
        await using var host = await WireHost.StartAsync(service.Table(), new TransportOptions { DrainTimeout = TimeSpan.FromMilliseconds(100) });
        await using var client = await OpenAsync(host.Port);
        var before = service.Calls;
        await client.SendHeadersAsync(1, Headers(Hang.Path));
        await client.SendHeadersAsync(3, Headers(Echo.Path));
        await client.SendAsync(RawFrame.Data(3, Hello, end: true));
        await client.ResponseAsync(3);
        Assert.Equal(before + 2, service.Calls);

        var stopping = host.StopAsync();
        var response = await client.ResponseAsync(1);
        Assert.Equal((int)GrpcStatusCode.Unavailable, response.Status);
        await stopping;
    }

    [Fact(Timeout = Seconds)]
    public async Task The_answer_to_a_large_message_comes_through_blocks_larger_than_Kestrels_own()
    {
        await using var client = await OpenAsync(service.Port);
        var whole = Message(Encoding.ASCII.GetBytes(new string('a', 60_000)));
        await client.SendHeadersAsync(1, Headers(Echo.Path));
        foreach (var piece in whole.Chunk(16_384))
            await client.SendAsync(RawFrame.Data(1, piece));
        await client.SendAsync(RawFrame.Data(1, [], end: true));
        Assert.Equal(whole, (await client.ResponseAsync(1)).Body);
    }

    private static async Task ReceiveUntilAsync(RawConnection client, Func<RawFrame, bool> found)
    {
        while (!found(await client.ReceiveAsync()))
        {
        }
    }
}
