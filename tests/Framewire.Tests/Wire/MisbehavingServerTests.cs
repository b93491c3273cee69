using System.Diagnostics;
using Framewire.Protocol.Wire;
using Framewire.Tests.Interop;
using Framewire.Tests.Interop.Messages;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Wire;

/// <summary>Our client against servers that break the protocol, one way each: it must end with the right status, in time, and go on working.</summary>
[Collection(MeasuredAlone.Name)]
public sealed class MisbehavingServerTests(BadServer servers) : IClassFixture<BadServer>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(1);

    public static TheoryData<string> Cases => new(
        ("ok one-byte-frames padded interim-103 ping-storm one-stream goaway-unprocessed goaway-graceful trailers-only message-encoded message-broken no-trailers no-status "
            + "status-text status-unknown ok-no-message two-messages http-400 http-401 http-403 http-404 http-429 http-502 http-503 http-504 http-500 http-302 content-type "
            + "rst-no-error rst-protocol-error rst-internal-error rst-refused-stream rst-cancel rst-enhance-your-calm rst-inadequate-security rst-mid-message fin-mid-message "
            + "tcp-rst truncated length-4gib compressed-no-encoding encoding-unknown gzip-bomb bad-flag big-metadata bin-metadata early-status silence headers-then-silence "
            + "zero-window deaf").Split(' '));

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Cases))]
    public async Task The_status_is_right_in_time_and_the_next_call_works(string misbehaviour)
    {
        var before = GC.GetTotalAllocatedBytes();
        var server = servers[misbehaviour];
        await using var connection = new ClientConnection(server.Address, Clients.Options);
        if (misbehaviour == "zero-window")
            await LetSettingsArriveAsync(connection);
        var started = Stopwatch.GetTimestamp();
        var status = await StatusAsync(connection);
        var code = (int)status.Code;

        Assert.True(server.Expect.Contains(code) || (server.Expect.Contains(-1) && code != 0), $"{misbehaviour} ended with {status}.");
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, Deadline + TimeSpan.FromSeconds(1));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 48 << 20);
        await using var good = new ClientConnection(servers["ok"].Address, Clients.Options);
        Assert.Equal(GrpcStatus.Ok, await StatusAsync(good));
    }

    [Fact(Timeout = 30_000)]
    public async Task Ten_calls_at_once_pass_where_only_one_may_run_at_a_time()
    {
        await using var connection = new ClientConnection(servers["one-stream"].Address, Clients.Options);
        // The first call brings the server's SETTINGS; until then a client may open more (RFC 9113 section 6.5.2).
        await connection.UnaryAsync(TestServiceMethods.EmptyCall, new Empty());
        var calls = Enumerable.Range(0, 10).Select(_ => connection.UnaryAsync(TestServiceMethods.EmptyCall, new Empty()));
        Assert.Equal(10, (await Task.WhenAll(calls)).Length);
    }

    [Fact(Timeout = 30_000)]
    public async Task Binary_metadata_is_read_padded_unpadded_and_joined()
    {
        await using var connection = new ClientConnection(servers["bin-metadata"].Address, Clients.Options);
        await using var call = connection.Start(TestServiceMethods.EmptyCall);
        await call.Requests.WriteAsync(new Empty());
        await call.CompleteAsync();
        while (await call.Responses.MoveNextAsync())
        {
        }
        var headers = await call.ResponseHeaders;
        Assert.Equal(("ABABAB", "01"), (Convert.ToHexString(headers.GetBinary("x-a-bin")!), Convert.ToHexString(headers.GetBinary("x-b-bin")!)));
        Assert.Equal(["01", "02"], call.Trailers.GetAllBinary("x-c-bin").Select(Convert.ToHexString));
    }

    [Fact(Timeout = 30_000)]
    public async Task Every_way_to_misbehave_is_tried()
    {
        _ = servers["ok"];
        Assert.Equal(servers.Names.Order(), Cases.Select(row => row.Data).Order());
        await Task.CompletedTask;
    }

    /// <summary>
    /// Until SETTINGS arrive a client may send within the default window (RFC 9113 section 6.9.2), but this server takes that for an error. So a call without a body goes first.
    /// </summary>
    private static async Task LetSettingsArriveAsync(ClientConnection connection)
    {
        await using var first = connection.Start(TestServiceMethods.FullDuplexCall, new CallOptions { Timeout = TimeSpan.FromMilliseconds(300) });
        await Assert.ThrowsAsync<GrpcException>(async () => await first.Responses.MoveNextAsync());
    }

    private static async Task<GrpcStatus> StatusAsync(ClientConnection connection)
    {
        try
        {
            await connection.UnaryAsync(TestServiceMethods.EmptyCall, new Empty(), new CallOptions { Timeout = Deadline });
            return GrpcStatus.Ok;
        }
        catch (GrpcException e)
        {
            return e.Status;
        }
    }
}
