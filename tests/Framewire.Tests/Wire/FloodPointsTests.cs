using Framewire.Server.Wire;
using Framewire.Tests.Testing;
using static Framewire.Tests.Testing.RawConnection;
using static Framewire.Tests.Wire.PointsService;

namespace Framewire.Tests.Wire;

/// <summary>Point 38 of the checklist made of PROTOCOL-HTTP2.md at our server, and the floods that are its relatives. The client is raw HTTP/2.</summary>
public sealed class FloodPointsTests(PointsService service) : IClassFixture<PointsService>
{
    private const int Seconds = 20_000;

    private static readonly byte[] Hello = Message("hello"u8.ToArray());

    public static TheoryData<string> Floods => ["PING", "SETTINGS", "PRIORITY", "empty DATA"];

    [Theory(Timeout = Seconds)]
    [MemberData(nameof(Floods))]
    public async Task Point_38_a_flood_of_control_frames_ends_the_connection_and_harms_nobody_else(string flood)
    {
        await using var good = await OpenAsync(service.Port);
        await good.SendHeadersAsync(1, Headers(EchoAll.Path));
        await using var client = await OpenAsync(service.Port);
        await client.SendHeadersAsync(1, Headers(EchoAll.Path));
        var frame = flood switch
        {
            "PING" => RawFrame.Ping(1),
            "SETTINGS" => RawFrame.Settings(),
            "PRIORITY" => new RawFrame((FrameType)2, 0, 1, [0, 0, 0, 0, 1]),
            _ => RawFrame.Data(1, []),
        };
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            await client.SendAsync([.. Enumerable.Repeat(frame, 2 * new TransportOptions().ControlFrameBurst)]);
            while (true)
                await client.ReceiveAsync();
        });

        await good.SendAsync(RawFrame.Data(1, Hello, end: true));
        Assert.Equal(0, (await good.ResponseAsync(1)).Status);
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_38_a_client_that_measures_its_round_trip_is_no_flood()
    {
        await using var client = await OpenAsync(service.Port);
        await client.SendHeadersAsync(1, Headers(EchoAll.Path));
        for (var i = 0; i < 100; i++)
            await client.SendAsync(RawFrame.Ping(i), RawFrame.Data(1, Hello));
        await client.SendAsync(RawFrame.Data(1, Hello, end: true));
        var response = await client.ResponseAsync(1);
        Assert.Equal((0, 101 * Hello.Length), (response.Status, response.Body.Length));
    }

    [Fact]
    public void Point_38_the_budget_fills_again_with_time()
    {
        var clock = new ManualClock();
        var budget = new ControlFrameBudget(burst: 10, perSecond: 2, clock);
        Assert.All(Enumerable.Range(0, 10), _ => Assert.True(budget.TrySpend()));
        Assert.False(budget.TrySpend());
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([true, true, false], [budget.TrySpend(), budget.TrySpend(), budget.TrySpend()]);
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(10, Enumerable.Range(0, 20).Count(_ => budget.TrySpend()));
    }

    [Fact(Timeout = Seconds)]
    public async Task A_client_that_opens_and_resets_calls_without_end_is_cut_off()
    {
        await using var client = await OpenAsync(service.Port);
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            for (var stream = 1; stream < 20_000; stream += 2)
            {
                await client.SendHeadersAsync(stream, Headers(EchoAll.Path));
                await client.SendAsync(RawFrame.Reset(stream, 8));
            }
            while (true)
                await client.ReceiveAsync();
        });
        await using var good = await OpenAsync(service.Port);
        Assert.Equal(0, (await good.CallAsync(1, Headers(Echo.Path), Hello)).Status);
    }
}
