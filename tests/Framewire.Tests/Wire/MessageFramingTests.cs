using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using Framewire.Protocol.Wire;
using Framewire.Tests.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Framewire.Tests.Wire;

/// <summary>The length prefix, byte for byte, and what the reader and the writer of messages do with it.</summary>
public sealed class MessageFramingTests
{
    private const int Seconds = 20_000;

    [Fact]
    public void A_prefix_is_a_flag_and_a_big_endian_length()
    {
        byte[] bytes =
        [
            0x00, // not compressed
            0x00, 0x00, 0x00, 0x02, // 2 bytes follow
            0x08, 0x01, // the message
            0x01, // the flag of the next one
        ];
        Assert.Equal(FramingOutcome.Message, TryRead(bytes, out var compressed, out var message));
        Assert.False(compressed);
        Assert.Equal([0x08, 0x01], message);
    }

    [Theory]
    [InlineData("", FramingOutcome.NotYet)]
    [InlineData("00", FramingOutcome.NotYet)]
    [InlineData("00000000", FramingOutcome.NotYet)]
    [InlineData("0000000000", FramingOutcome.Message)] // the empty message: prefix only
    [InlineData("0100000000", FramingOutcome.Message)]
    [InlineData("0200000000", FramingOutcome.BadFlag)]
    [InlineData("FF00000000", FramingOutcome.BadFlag)]
    [InlineData("0000000001", FramingOutcome.NotYet)]
    [InlineData("0000000400", FramingOutcome.NotYet)] // 1024, the limit
    [InlineData("0000000401", FramingOutcome.TooLarge)]
    [InlineData("0080000000", FramingOutcome.TooLarge)] // 2^31: not a negative number
    [InlineData("00FFFFFFFF", FramingOutcome.TooLarge)]
    public void A_prefix_decides_as_soon_as_it_can(string hex, object outcome) => Assert.Equal(outcome, TryRead(Convert.FromHexString(hex), out _, out _));

    [Fact]
    public void A_written_prefix_is_a_flag_and_a_big_endian_length()
    {
        var prefix = new byte[5];
        MessageFraming.WritePrefix(prefix, compressed: true, 0x01020304);
        Assert.Equal([1, 1, 2, 3, 4], prefix);
    }

    [Fact]
    public void Any_messages_survive_any_split_of_their_bytes() =>
        Prop.ForAll<byte[][], byte[]>((messages, cuts) => SurviveAsync(messages, cuts).GetAwaiter().GetResult()).QuickCheckThrowOnFailure();

    [Fact(Timeout = Seconds)]
    public async Task A_reader_counts_bytes_also_in_the_middle_of_a_message()
    {
        var pipe = new Pipe();
        var reader = new MessageReader<byte[]>(new PipeSide(pipe.Reader), BytesMarshaller.Instance);
        var moving = reader.MoveNextAsync().AsTask();
        await pipe.Writer.WriteAsync(new byte[] { 0, 0, 0, 0, 4, 1, 2 });
        while (reader.BytesReceived < 7)
            await Task.Yield();
        Assert.False(moving.IsCompleted);
        await pipe.Writer.WriteAsync(new byte[] { 3, 4, 0 });
        Assert.True(await moving);
        Assert.Equal([1, 2, 3, 4], reader.Current);
        Assert.Equal(10, reader.BytesReceived);
    }

    [Fact(Timeout = Seconds)]
    public async Task A_large_tail_reaches_the_pipe_uncopied_behind_its_head()
    {
        var picture = new byte[100_000];
        var seen = new List<ReadOnlyMemory<byte>>();
        var writer = new MessageWriter<byte[]>(new PipeSide(writer: PipeWriter.Create(new WatchingStream(seen))), BytesMarshaller.Instance);
        await writer.WriteAsync(picture);
        Assert.Equal([0, 0, 1, 0x86, 0xA0], seen[0].ToArray());
        Assert.True(MemoryMarshal.TryGetArray(seen[1], out var tail));
        Assert.Same(picture, tail.Array);
    }

    [Fact(Timeout = Seconds)]
    public async Task A_small_message_is_one_write()
    {
        var seen = new List<ReadOnlyMemory<byte>>();
        var writer = new MessageWriter<byte[]>(new PipeSide(writer: PipeWriter.Create(new WatchingStream(seen))), BytesMarshaller.Instance);
        await writer.WriteAsync([7, 8]);
        Assert.Equal([0, 0, 0, 0, 2, 7, 8], Assert.Single(seen).ToArray());
    }

    [Fact(Timeout = Seconds)]
    public async Task A_message_without_a_flush_waits_for_the_next()
    {
        var pipe = new Pipe();
        var writer = new MessageWriter<byte[]>(new PipeSide(writer: pipe.Writer), BytesMarshaller.Instance);
        await writer.WriteAsync([1], flush: false);
        Assert.False(pipe.Reader.TryRead(out _));
        await writer.WriteAsync([2]);
        Assert.Equal([0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 2], (await pipe.Reader.ReadAsync()).Buffer.ToArray());
    }

    [Fact(Timeout = Seconds)]
    public async Task Two_writes_at_once_are_refused()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 10, resumeWriterThreshold: 5));
        var writer = new MessageWriter<byte[]>(new PipeSide(writer: pipe.Writer), BytesMarshaller.Instance);
        var held = writer.WriteAsync(new byte[20]).AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await writer.WriteAsync([1]));
        pipe.Reader.AdvanceTo((await pipe.Reader.ReadAsync()).Buffer.End);
        await held;
        await writer.WriteAsync([1]);
    }

    [Fact(Timeout = Seconds)]
    public async Task Compressed_messages_come_back_as_they_were()
    {
        var pipe = new Pipe();
        var side = new PipeSide(pipe.Reader, pipe.Writer) { Compresses = true };
        var writer = new MessageWriter<byte[]>(side, BytesMarshaller.Instance) { Compress = true };
        await writer.WriteAsync(new byte[3000]);
        writer.Compress = false;
        await writer.WriteAsync([5]);
        writer.Compress = true;
        await writer.WriteAsync([]); // Nothing to compress.
        var reader = new MessageReader<byte[]>(side, BytesMarshaller.Instance);
        foreach (var (size, compressed) in new[] { (3000, true), (1, false), (0, false) })
        {
            Assert.True(await reader.MoveNextAsync());
            Assert.Equal((size, compressed), (reader.Current.Length, side.LastMessageWasCompressed));
        }
    }

    private static async Task<bool> SurviveAsync(byte[][] messages, byte[] cuts)
    {
        // What starts with FF is what the marshaller refuses.
        messages = [.. messages.Select(message => message.Where(value => value != 0xFF).ToArray())];
        var whole = messages.SelectMany(message => PointsService.Message(message)).ToArray();
        var pipe = new Pipe();
        var writing = Task.Run(async () =>
        {
            var at = 0;
            foreach (var cut in cuts)
            {
                var piece = Math.Min(cut % 16, whole.Length - at);
                await pipe.Writer.WriteAsync(whole.AsMemory(at, piece));
                at += piece;
            }
            await pipe.Writer.WriteAsync(whole.AsMemory(at));
            await pipe.Writer.CompleteAsync();
        });
        var reader = new MessageReader<byte[]>(new PipeSide(pipe.Reader), BytesMarshaller.Instance);
        var received = new List<byte[]>();
        await foreach (var message in reader.ReadAllAsync())
            received.Add(message);
        await writing;
        return received.Count == messages.Length && received.Zip(messages).All(pair => pair.First.SequenceEqual(pair.Second)) && reader.BytesReceived == whole.Length;
    }

    private static FramingOutcome TryRead(byte[] bytes, out bool compressed, out byte[] message)
    {
        var outcome = MessageFraming.TryRead(new ReadOnlySequence<byte>(bytes), 1024, out compressed, out _, out var found);
        message = found.ToArray();
        return outcome;
    }

    /// <summary>Notes what memory it is given. Owned by one test.</summary>
    private sealed class WatchingStream(List<ReadOnlyMemory<byte>> seen) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            seen.Add(buffer);
            return default;
        }
    }
}
