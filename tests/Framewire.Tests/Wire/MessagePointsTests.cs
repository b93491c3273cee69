using System.IO.Compression;
using System.Text;
using Framewire.Protocol.Wire;
using Framewire.Tests.Testing;
using static Framewire.Tests.Testing.RawConnection;
using static Framewire.Tests.Wire.PointsService;

namespace Framewire.Tests.Wire;

/// <summary>Points 11 to 18 of the checklist made of PROTOCOL-HTTP2.md: what our server makes of the bytes of a request. The client is raw HTTP/2.</summary>
[Collection(MeasuredAlone.Name)]
public sealed class MessagePointsTests(PointsService service) : IClassFixture<PointsService>
{
    private const int Seconds = 20_000;

    private static readonly byte[] Hello = Message("hello"u8.ToArray());

    [Fact(Timeout = Seconds)]
    public async Task Point_11_a_message_may_come_in_HTTP2_frames_of_one_byte_with_empty_and_padded_ones_between()
    {
        await using var client = await OpenAsync(service.Port);
        await client.SendHeadersAsync(1, Headers(EchoAll.Path));
        foreach (var value in Hello)
        {
            await client.SendAsync(
                RawFrame.Data(1, []),
                new RawFrame(FrameType.Data, RawFrame.Padded, 1, [3, value, 0, 0, 0])); // pad length, the byte, padding
        }
        await client.SendAsync(RawFrame.Data(1, [], end: true));
        var response = await client.ResponseAsync(1);
        Assert.Equal((0, Convert.ToHexString(Hello)), (response.Status, Convert.ToHexString(response.Body)));
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_11_two_messages_may_share_an_HTTP2_frame_with_the_start_of_a_third()
    {
        await using var client = await OpenAsync(service.Port);
        await client.SendHeadersAsync(1, Headers(EchoAll.Path));
        await client.SendAsync(RawFrame.Data(1, [.. Hello, .. Hello, .. Hello[..3]]), RawFrame.Data(1, Hello.AsSpan(3), end: true));
        var response = await client.ResponseAsync(1);
        Assert.Equal(0, response.Status);
        Assert.Equal([.. Hello, .. Hello, .. Hello], response.Body);
    }

    [Theory(Timeout = Seconds)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(0x80)]
    [InlineData(0xFF)]
    public Task Point_12_a_flag_other_than_0_and_1_is_INTERNAL(byte flag) => EndsAsync(GrpcStatusCode.Internal, Message("hello"u8.ToArray(), flag));

    [Theory(Timeout = Seconds)]
    [InlineData(null)]
    [InlineData("identity")]
    public Task Point_12_a_compressed_message_without_an_encoding_is_INTERNAL(string? encoding) =>
        EndsAsync(GrpcStatusCode.Internal, Message(Gzip("hello"u8.ToArray()), flag: 1), ("grpc-encoding", encoding));

    [Fact(Timeout = Seconds)]
    public async Task Point_13_an_unknown_encoding_is_UNIMPLEMENTED_and_the_known_ones_are_listed()
    {
        var response = await EndsAsync(GrpcStatusCode.Unimplemented, Hello, ("grpc-encoding", "snappy"));
        var accepted = response.Header("grpc-accept-encoding")!.Split(',');
        Assert.Contains("gzip", accepted);
        Assert.DoesNotContain("snappy", accepted);
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_14_each_compressed_message_stands_for_itself_among_plain_ones()
    {
        var packed = Message(Gzip("hello"u8.ToArray()), flag: 1);
        await using var client = await OpenAsync(service.Port);
        var response = await client.CallAsync(1, Headers(EchoAll.Path, ("grpc-encoding", "gzip")), [.. packed, .. Hello, .. packed]);
        Assert.Equal(0, response.Status);
        Assert.Equal([.. Hello, .. Hello, .. Hello], response.Body);
    }

    [Theory(Timeout = Seconds)]
    [InlineData("garbage")]
    [InlineData("empty")]
    [InlineData("cut")]
    [InlineData("wrong sum")]
    [InlineData("tail")]
    public Task Point_14_what_is_not_gzip_is_INTERNAL(string kind)
    {
        var good = Gzip(Encoding.ASCII.GetBytes(new string('x', 3000)));
        var bad = kind switch
        {
            "garbage" => Encoding.ASCII.GetBytes("this is not gzip at all"),
            "empty" => [],
            "cut" => good[..^9],
            "wrong sum" => [.. good[..^8], 1, 2, 3, 4, .. good[^4..]],
            _ => [.. good, .. "more"u8],
        };
        return EndsAsync(GrpcStatusCode.Internal, Message(bad, flag: 1), ("grpc-encoding", "gzip"));
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_14_a_bomb_stops_at_the_limit_of_what_comes_out()
    {
        var bomb = Gzip(new byte[40 << 20]);
        Assert.InRange(bomb.Length, 1, MaxMessageBytes);
        var before = GC.GetTotalAllocatedBytes();
        await EndsAsync(GrpcStatusCode.ResourceExhausted, Message(bomb, flag: 1), ("grpc-encoding", "gzip"));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 8 << 20);
    }

    [Theory(Timeout = Seconds)]
    [InlineData(0xFFFFFFFF)]
    [InlineData(0x80000000)]
    [InlineData(0x7FFFFFFF)]
    [InlineData(MaxMessageBytes + 1)]
    public async Task Point_15_a_length_over_the_limit_is_RESOURCE_EXHAUSTED_before_memory_is_spent(uint length)
    {
        var before = GC.GetTotalAllocatedBytes();
        await EndsAsync(GrpcStatusCode.ResourceExhausted, Message([1, 2, 3], length: length));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 4 << 20);
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_15_a_message_of_exactly_the_limit_passes()
    {
        await using var client = await OpenAsync(service.Port);
        await client.SendHeadersAsync(1, Headers(Echo.Path));
        var whole = Message(new byte[MaxMessageBytes]);
        foreach (var piece in whole.Chunk(16_384))
            await client.SendAsync(RawFrame.Data(1, piece));
        await client.SendAsync(RawFrame.Data(1, [], end: true));
        var response = await client.ResponseAsync(1);
        Assert.Equal((0, whole.Length), (response.Status, response.Body.Length));
    }

    [Theory(Timeout = Seconds)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(9)]
    public async Task Point_16_a_message_cut_short_by_END_STREAM_is_INTERNAL_and_no_handler_sees_it(int bytes)
    {
        var before = service.Calls;
        await EndsAsync(GrpcStatusCode.Internal, Hello[..bytes]);
        Assert.Equal(before, service.Calls);
    }

    [Theory(Timeout = Seconds)]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Point_17_a_unary_call_takes_exactly_one_message(int messages)
    {
        var before = service.Calls;
        await EndsAsync(GrpcStatusCode.Unimplemented, [.. Enumerable.Repeat(Hello, messages).SelectMany(message => message)]);
        Assert.Equal(before, service.Calls);
    }

    [Theory(Timeout = Seconds)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Point_18_END_STREAM_may_come_with_the_last_bytes_or_after_them(bool withLast)
    {
        await using var client = await OpenAsync(service.Port);
        await client.SendHeadersAsync(1, Headers(Count.Path));
        await client.SendAsync(RawFrame.Data(1, Hello), RawFrame.Data(1, Hello, end: withLast));
        if (!withLast)
            await client.SendAsync(RawFrame.Data(1, [], end: true));
        var response = await client.ResponseAsync(1);
        Assert.Equal((0, "2"), (response.Status, Encoding.ASCII.GetString(response.Body.AsSpan(5))));
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_18_END_STREAM_may_come_with_the_headers()
    {
        await using var client = await OpenAsync(service.Port);
        await client.SendHeadersAsync(1, Headers(Count.Path), end: true);
        var response = await client.ResponseAsync(1);
        Assert.Equal((0, "0"), (response.Status, Encoding.ASCII.GetString(response.Body.AsSpan(5))));
    }

    private static byte[] Gzip(byte[] plain)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
            gzip.Write(plain);
        return packed.ToArray();
    }

    private async Task<RawResponse> EndsAsync(GrpcStatusCode status, byte[] body, params (string Name, string? Value)[] headers)
    {
        await using var client = await OpenAsync(service.Port);
        await client.SendHeadersAsync(1, Headers(Echo.Path, headers));
        foreach (var piece in body.Chunk(16_384))
            await client.SendAsync(RawFrame.Data(1, piece));
        await client.SendAsync(RawFrame.Data(1, [], end: true));
        var response = await client.ResponseAsync(1);
        Assert.Equal((int)status, response.Status);
        Assert.Null(response.GoAwayCode);
        return response;
    }
}
