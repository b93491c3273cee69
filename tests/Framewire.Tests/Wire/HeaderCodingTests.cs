using System.Text;
using Framewire.Protocol.Wire;
using FsCheck;
using FsCheck.Fluent;

namespace Framewire.Tests.Wire;

/// <summary>What travels in headers: timeouts, status messages, metadata, content types.</summary>
public sealed class HeaderCodingTests
{
    [Theory]
    [InlineData("0n", 0)]
    [InlineData("99n", 0)] // less than a tick
    [InlineData("100n", 1)]
    [InlineData("1u", 10)]
    [InlineData("1m", 10_000)]
    [InlineData("1S", 10_000_000)]
    [InlineData("2M", 1_200_000_000)]
    [InlineData("1H", 36_000_000_000)]
    [InlineData("99999999H", 3_599_999_964_000_000_000)]
    public void A_timeout_is_up_to_eight_digits_and_a_unit(string text, long ticks)
    {
        Assert.True(GrpcTimeout.TryParse(text, out var timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("1")]
    [InlineData("1s")]
    [InlineData("-1S")]
    [InlineData("+1S")]
    [InlineData(" 1S")]
    [InlineData("1S ")]
    [InlineData("1.5S")]
    [InlineData("0x1S")]
    [InlineData("100000000S")]
    [InlineData("\u0661S")] // a digit, but not ASCII
    public void Anything_else_is_no_timeout(string text) => Assert.False(GrpcTimeout.TryParse(text, out _));

    [Theory]
    [InlineData(0, "0n")]
    [InlineData(-5, "0n")]
    [InlineData(1, "100n")]
    [InlineData(10_000, "1000000n")]
    [InlineData(10_000_000, "1000000u")]
    [InlineData(36_000_000_000, "3600000m")]
    [InlineData(59_999_999_400_000_000, "99999999M")]
    [InlineData(60_000_000_000_000_001, "1666667H")]
    [InlineData(long.MaxValue, "99999999H")]
    public void A_timeout_is_written_in_the_finest_unit_that_fits(long ticks, string text) => Assert.Equal(text, GrpcTimeout.Format(TimeSpan.FromTicks(ticks)));

    [Fact]
    public void A_written_timeout_is_never_shorter_and_hardly_longer() => Prop.ForAll<long>(ticks =>
    {
        ticks = Math.Abs(ticks % TimeSpan.TicksPerDay * 400);
        return GrpcTimeout.TryParse(GrpcTimeout.Format(TimeSpan.FromTicks(ticks)), out var read) && read.Ticks >= ticks && read.Ticks - ticks <= Math.Max(0, ticks / 1_000_000);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("plain text, with blanks!", "plain text, with blanks!")]
    [InlineData("100%", "100%25")]
    [InlineData("a\nb\t", "a%0Ab%09")]
    [InlineData("~\u007f", "~%7F")]
    [InlineData("☺", "%E2%98%BA")]
    [InlineData("😈", "%F0%9F%98%88")]
    public void A_status_message_is_percent_encoded_UTF_8(string message, string encoded)
    {
        Assert.Equal(encoded, StatusMessage.Encode(message));
        Assert.Equal(message, StatusMessage.Decode(encoded));
    }

    [Theory]
    [InlineData("%", "%")]
    [InlineData("%2", "%2")]
    [InlineData("%zz", "%zz")]
    [InlineData("%%41", "%A")]
    [InlineData("%e2%98%ba", "☺")]
    [InlineData("é", "é")]
    public void A_broken_status_message_is_kept_as_far_as_it_goes(string encoded, string message) => Assert.Equal(message, StatusMessage.Decode(encoded));

    [Fact]
    public void Any_status_message_survives_and_travels_as_printable_ASCII() => Prop.ForAll<string>(message =>
    {
        // What UTF-8 cannot say (half a surrogate pair, null for no string) is not the encoding's to keep.
        message = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(message ?? ""));
        var encoded = StatusMessage.Encode(message);
        return encoded.All(character => character is >= ' ' and <= '~') && StatusMessage.Decode(encoded) == message;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_bytes_survive_in_metadata_padded_or_not() => Prop.ForAll<byte[]>(bytes =>
    {
        var metadata = new Metadata();
        metadata.AddBinary("x-bin", bytes ?? []);
        metadata.AddUnchecked("y-bin", Convert.ToBase64String(bytes ?? []));
        return metadata.GetBinary("x-bin")!.SequenceEqual(bytes ?? []) && metadata.GetBinary("y-bin")!.SequenceEqual(bytes ?? []) && !metadata.Get("x-bin")!.Contains('=');
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Metadata_keeps_order_and_several_values_to_a_name()
    {
        var metadata = new Metadata();
        metadata.Add("X-A", "1");
        metadata.Add("x-b", "2");
        metadata.Add("x-a", "3, 4");
        Assert.Equal(["x-a", "x-b", "x-a"], metadata.Select(entry => entry.Key));
        Assert.Equal(("1", null), (metadata.Get("x-A"), metadata.Get("x-c")));
        Assert.Equal(["1", "3, 4"], metadata.GetAll("x-a"));
    }

    [Fact]
    public void Joined_binary_values_are_split_before_they_are_decoded()
    {
        var metadata = new Metadata();
        metadata.AddUnchecked("x-bin", "AQ, Ag==");
        metadata.AddUnchecked("x-bin", "Aw");
        Assert.Equal(["01", "02", "03"], metadata.GetAllBinary("x-bin").Select(Convert.ToHexString));
    }

    [Theory]
    [InlineData("grpc-timeout", "1S")] // belongs to the protocol
    [InlineData("te", "trailers")]
    [InlineData("content-type", "text/html")]
    [InlineData(":path", "/")]
    [InlineData("", "1")]
    [InlineData("x a", "1")]
    [InlineData("x\u00e9", "1")]
    [InlineData("x-bin", "1")] // bytes only
    [InlineData("x-a", "line\nbreak")]
    [InlineData("x-a", "\u00e9")]
    public void What_must_not_travel_cannot_be_added(string name, string value) => Assert.Throws<ArgumentException>(() => new Metadata().Add(name, value));

    [Fact]
    public void Bytes_need_a_name_for_bytes() => Assert.Throws<ArgumentException>(() => new Metadata().AddBinary("x-a", [1]));

    [Theory]
    [InlineData("application/grpc", true)]
    [InlineData("Application/gRPC", true)]
    [InlineData("application/grpc+proto", true)]
    [InlineData("application/grpc ; charset=utf-8", true)]
    [InlineData("application/grpc-web", false)]
    [InlineData("application/grpc-web+proto", false)]
    [InlineData("application/grpcfoo", false)]
    [InlineData("application/grpc+", false)]
    [InlineData("text/html;application/grpc", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_gRPC_with_protobuf_counts_as_gRPC(string? contentType, bool isGrpc) => Assert.Equal(isGrpc, ContentType.IsGrpc(contentType));
}
