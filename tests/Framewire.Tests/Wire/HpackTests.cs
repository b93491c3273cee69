using System.Buffers;
using Framewire.Protocol.Wire.Http2;

namespace Framewire.Tests.Wire;

/// <summary>Header blocks as our own client reads them: the examples of RFC 7541, appendix C, and what no peer may send.</summary>
public sealed class HpackTests
{
    private static readonly string[] First = [":status: 302", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:21 GMT", "location: https://www.example.com"];
    private static readonly string[] Second = [":status: 307", .. First[1..]];

    private static readonly string[] Third =
    [
        ":status: 200", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:22 GMT", "location: https://www.example.com", "content-encoding: gzip",
        "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
    ];

    public static TheoryData<string, string, string> Examples => new()
    {
        // C.5: literals; the table of 256 bytes forgets entries on the way.
        {
            "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d",
            "4803333037c1c0bf",
            "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31"
        },
        // C.6: the same in Huffman code.
        {
            "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
            "4883640effc1c0bf",
            "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007"
        },
    };

    [Theory]
    [MemberData(nameof(Examples))]
    public void The_examples_of_the_RFC_are_read(string first, string second, string third)
    {
        var decoder = new HpackDecoder(tableSize: 256);
        Assert.Equal(First, Read(decoder, first));
        Assert.Equal(Second, Read(decoder, second));
        Assert.Equal(Third, Read(decoder, third));
    }

    [Theory]
    [InlineData("c0")] // A header of number 64 of a table that is empty.
    [InlineData("80")] // Number 0.
    [InlineData("3fe21f")] // The table grows past what was allowed: 4097.
    [InlineData("8820")] // The table changes after the first header.
    [InlineData("48")] // No value.
    [InlineData("48053333")] // A value that is cut short.
    [InlineData("48ffffffffff7f")] // A length over four bytes.
    [InlineData("4881ff")] // Huffman: eight bits of padding.
    [InlineData("488118")] // Huffman: padding of other than ones.
    [InlineData("4884ffffffff")] // Huffman: the end of the string, within it.
    public void A_broken_block_is_refused(string block) =>
        Assert.Throws<InvalidDataException>(() => Read(new HpackDecoder(tableSize: 4096), block));

    [Fact]
    public void An_entry_larger_than_the_table_empties_it()
    {
        var decoder = new HpackDecoder(tableSize: 64);
        Assert.Equal(["a: b"], Read(decoder, "4001610162"));
        Assert.Equal(["a: b"], Read(decoder, "be"));
        Assert.Single(Read(decoder, "400161" + "40" + string.Concat(Enumerable.Repeat("62", 64))));
        Assert.Throws<InvalidDataException>(() => Read(decoder, "be"));
    }

    [Fact]
    public void A_request_is_written_as_the_RFC_says()
    {
        var block = new ArrayBufferWriter<byte>();
        var headers = new Protocol.Wire.Metadata { { "authorization", "secret" }, { "x-long", new string('v', 300) } };
        HpackEncoder.WriteRequest(block, tls: false, "localhost:50051", new Protocol.Wire.RequestHead("/video/Analyse", headers, BodyFollows: false));
        Assert.Equal(
            [":method: POST", ":scheme: http", ":path: /video/Analyse", ":authority: localhost:50051", "authorization: secret", $"x-long: {new string('v', 300)}"],
            Read(new HpackDecoder(tableSize: 0), Convert.ToHexString(block.WrittenSpan)));
        // A literal that nobody on the way may remember (section 6.2.3).
        Assert.Contains("100D617574686F72697A6174696F6E", Convert.ToHexString(block.WrittenSpan), StringComparison.Ordinal);
    }

    private static List<string> Read(HpackDecoder decoder, string block)
    {
        List<string> headers = [];
        decoder.Read(Convert.FromHexString(block), header => headers.Add($"{header.Name}: {header.Value}"));
        return headers;
    }
}
