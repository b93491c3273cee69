using Framewire.Protocol.Video;
using Framewire.Server.Streams;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Server;

/// <summary>Streams by name, their limit, and their end.</summary>
public sealed class StreamRegistryTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly StreamRegistry _streams;

    public StreamRegistryTests() => _streams = new StreamRegistry(new StreamLimits { MaxStreams = 2, OfflineRetention = TimeSpan.FromMinutes(1) }, _clock);

    public void Dispose() => _streams.Dispose();

    private static StreamName Name(string text) => StreamName.TryParse(text, out var name) ? name : throw new ArgumentException(text);

    [Fact]
    public void A_stream_too_many_is_refused_until_another_is_forgotten()
    {
        Assert.NotNull(_streams.FindOrAdd(Name("a")));
        using var live = _streams.FindOrAdd(Name("b"))!.TryPublish(new StreamSession("s", ManualClock.Start, Frames.H264), "", "");
        Assert.Null(_streams.FindOrAdd(Name("c")));

        _clock.Advance(TimeSpan.FromMinutes(2));

        Assert.NotNull(_streams.FindOrAdd(Name("c")));
        Assert.Equal(["b", "c"], _streams.All.Select(stream => stream.Name));
    }

    [Fact]
    public void Names_that_were_only_waited_for_keep_no_publisher_out_for_long()
    {
        _streams.FindOrAdd(Name("a"))!.TrySubscribe(Overflow.DropToKeyframe)!.Dispose();
        using var waiting = _streams.FindOrAdd(Name("b"))!.TrySubscribe(Overflow.DropToKeyframe)!;
        Assert.Null(_streams.FindOrAdd(Name("c")));

        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.NotNull(_streams.FindOrAdd(Name("c")));
        Assert.Equal(["b", "c"], _streams.All.Select(stream => stream.Name));
    }

    [Theory]
    [InlineData("cam", true)]
    [InlineData("0", true)]
    [InlineData("front-door_2", true)]
    [InlineData("", false)]
    [InlineData("-cam", false)]
    [InlineData("Cam", false)]
    [InlineData("a/b", false)]
    [InlineData("..", false)]
    [InlineData("..\\x", false)]
    [InlineData("%2e%2e", false)]
    [InlineData("cam ", false)]
    [InlineData("cam\n", false)]
    [InlineData("a\0b", false)]
    [InlineData("<img src=x onerror=alert(1)>", false)]
    [InlineData("\u202Ecam", false)]
    [InlineData("📷", false)]
    public void A_name_is_checked(string text, bool fits) => Assert.Equal(fits, StreamName.TryParse(text, out _));

    [Fact]
    public void A_name_has_64_characters_at_most()
    {
        Assert.True(StreamName.TryParse(new string('a', 64), out _));
        Assert.False(StreamName.TryParse(new string('a', 65), out _));
        Assert.False(StreamName.TryParse(null, out _));
    }

    [Fact]
    public void Rates_are_those_of_the_last_whole_seconds()
    {
        var meter = new RateMeter();
        for (var i = 0; i < 90; i++)
            meter.Count(TimeSpan.FromSeconds(i / 30.0), bytes: 1000);

        Assert.Equal((30.0, 240_000.0), meter.Read(TimeSpan.FromSeconds(3)));
        Assert.Equal((0.0, 0.0), meter.Read(TimeSpan.FromSeconds(30)));
    }
}
