using System.Buffers;
using System.IO.Compression;
using Framewire.Protocol.Wire;
using Framewire.Server.Wire;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Wire;

/// <summary>The settings of both ends, the server's memory, and the table of methods.</summary>
public sealed class WireSettingsTests
{
    [Fact]
    public void The_defaults_have_no_mistakes()
    {
        Assert.Empty(new WireOptions().Validate());
        Assert.Empty(Clients.Options.Validate());
        Assert.Empty(new TransportOptions().Validate());
    }

    [Fact]
    public void Every_mistake_is_told_at_once()
    {
        var wire = new WireOptions { MaxMessageBytes = 5, GzipLevel = (CompressionLevel)99 };
        Assert.Equal(2, wire.Validate().Count());
        Assert.Equal(7, new ClientConnectionOptions
        {
            Wire = wire,
            ConnectTimeout = TimeSpan.Zero,
            KeepAlivePingDelay = TimeSpan.FromMilliseconds(1),
            KeepAlivePingTimeout = TimeSpan.Zero,
            StreamWindowBytes = 1,
            CertificateAuthorityFile = "/not/there.pem",
        }.Validate().Count());
        Assert.Equal(9, new TransportOptions
        {
            PoolBlockBytes = 1,
            StreamWindowBytes = 1,
            MaxFrameBytes = 1,
            MaxCallsPerConnection = 0,
            MaxRequestHeaders = 1,
            ControlFrameBurst = 0,
            KeepAlivePingDelay = TimeSpan.Zero,
            CertificateKeyFile = "/not/there.key",
        }.Validate().Count());
    }

    [Theory]
    [InlineData("ftp://host:1")]
    [InlineData("/path")]
    public void An_address_must_be_of_a_server(string address) =>
        Assert.Throws<ArgumentException>(() => new ClientConnection(new Uri(address, UriKind.RelativeOrAbsolute)));

    [Fact]
    public void A_blocks_memory_is_large_and_comes_back()
    {
        var options = new TransportOptions { PoolKeptBytes = 2 * 256 * 1024 };
        using var pool = new BlockPoolFactory(options).Create();
        var first = pool.Rent();
        Assert.Equal(options.PoolBlockBytes, first.Memory.Length);
        first.Dispose();
        first.Dispose();
        Assert.Same(first, pool.Rent());
        var blocks = Enumerable.Range(0, 4).Select(_ => pool.Rent()).ToList();
        blocks.ForEach(block => block.Dispose());
        var again = Enumerable.Range(0, 4).Select(_ => pool.Rent()).ToList();
        Assert.Equal(2, again.Intersect(blocks).Count());
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(options.PoolBlockBytes + 1));
    }

    [Fact(Timeout = 20_000)]
    public async Task Kestrel_reads_into_large_blocks()
    {
        var longest = 0;
        var services = new ServiceTable();
        services.AddUnary(
            new Method<int, byte[]>(CallKind.Unary, "test", "Longest", new SegmentMarshaller(length => longest = Math.Max(longest, length)), BytesMarshaller.Instance),
            (_, _) => Task.FromResult<byte[]>([]));
        await using var host = await WireHost.StartAsync(services);
        await using var connection = new ClientConnection(host.Address, Clients.Options);
        await connection.UnaryAsync(
            new Method<byte[], byte[]>(CallKind.Unary, "test", "Longest", BytesMarshaller.Instance, BytesMarshaller.Instance), new byte[1 << 20]);
        Assert.InRange(longest, 64 * 1024, 256 * 1024);
    }

    [Fact]
    public void A_table_takes_each_path_once_and_nothing_after_the_first_call()
    {
        var table = new ServiceTable();
        table.AddUnary(PointsService.Echo, (request, _) => Task.FromResult(request));
        Assert.Throws<ArgumentException>(() => table.AddUnary(PointsService.Echo, (request, _) => Task.FromResult(request)));
        Assert.Throws<ArgumentException>(() => table.AddUnary(PointsService.EchoAll, (request, _) => Task.FromResult(request)));
        Assert.True(table.Contains("/test.Points/Echo"));
        Assert.Throws<InvalidOperationException>(() => table.AddUnary(PointsService.Fail, (request, _) => Task.FromResult(request)));
    }

    /// <summary>Tells how long the longest piece of a message was. Owned by one test.</summary>
    private sealed class SegmentMarshaller(Action<int> seen) : Marshaller<int>
    {
        public override int Read(in ReadOnlySequence<byte> message)
        {
            foreach (var piece in message)
                seen(piece.Length);
            return 0;
        }

        public override ReadOnlyMemory<byte> Write(int message, IBufferWriter<byte> head) => default;
    }
}
