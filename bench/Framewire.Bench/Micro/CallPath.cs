using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using BenchmarkDotNet.Attributes;
using Framewire.Bench.Load;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using Framewire.Protocol.Wire.Http2;
using Framewire.Server.Streams;
using Codec = Framewire.Protocol.Video.Codec;
using Frame = Framewire.Protocol.Video.Frame;

namespace Framewire.Bench.Micro;

/// <summary>
/// What costs the same for a frame of any size: its ack, its place in the stream's history and a viewer's step onto it; and the headers of a call. Made by
/// BenchmarkDotNet; one thread.
/// </summary>
[MemoryDiagnoser(displayGenColumns: false)]
[SuppressMessage("Reliability", "CA1001", Justification = "BenchmarkDotNet calls the clean-up, not Dispose.")]
public class CallPath
{
    // RFC 7541 appendix C.6.1: a response with Huffman codes, which also fills the table.
    private static readonly byte[] Response = Convert.FromHexString("4882640258" + "85aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3");

    private static readonly RequestHead Request = new(
        IngestContract.Publish.Path, new Metadata { { "user-agent", "framewire" }, { "x-camera", "garden" }, { "authorization", "Bearer 0123456789abcdef0123456789abcdef" } }, BodyFollows: true);

    private readonly HpackDecoder _decoder = new(4096);
    private readonly ArrayBufferWriter<byte> _bytes = new(512);
    private readonly PublishResponse _ack = new() { Ack = new Ack { Sequence = 1_000_000, ReceivedAtUnixMicros = 1_790_000_000_000_000, SentAtUnixMicros = 1_790_000_000_000_100 } };
    private StreamRegistry _streams = null!;
    private Publication _publication = null!;
    private Subscription _viewer = null!;
    private Frame _frame = null!;
    private ulong _sequence;

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        _streams = new StreamRegistry(new StreamLimits(), TimeProvider.System);
        var stream = StreamName.TryParse("bench", out var name) ? _streams.FindOrAdd(name)! : throw new InvalidOperationException("No name.");
        _publication = stream.TryPublish(new StreamSession("bench", DateTimeOffset.UtcNow, new StreamFormat(Codec.Jpeg, 1280, 720, 30)), "here", "bench")!;
        _viewer = stream.TrySubscribe(Overflow.DropToKeyframe)!;
        _frame = new Frame { Sequence = 0, Pts = TimeSpan.Zero, CapturedAt = DateTimeOffset.UtcNow, IsKeyframe = true, Buffer = MadePayload.Of(Codec.Jpeg, 60 << 10) };
        // The format of the session comes before its first frame.
        await StreamAsync();
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _viewer.Dispose();
        _streams.Dispose();
    }

    [Benchmark(Description = "an ack written")]
    public int Ack()
    {
        _bytes.ResetWrittenCount();
        IngestContract.Publish.Responses.Write(_ack, _bytes);
        return _bytes.WrittenCount;
    }

    [Benchmark(Description = "a frame into the history, and a viewer onto it")]
    public async Task<bool> StreamAsync()
    {
        _frame.Buffer.Retain();
        await _publication.PublishAsync(_frame with { Sequence = ++_sequence }, CancellationToken.None);
        StreamEvent? next;
        do
            next = await _viewer.NextAsync(CancellationToken.None);
        while (next is not StreamEvent.Arrived);
        ((StreamEvent.Arrived)next).Frame.Release();
        return true;
    }

    [Benchmark(Description = "the headers of a call written (HPACK)")]
    public int Encode()
    {
        _bytes.ResetWrittenCount();
        HpackEncoder.WriteRequest(_bytes, tls: true, "camera.example:50051", Request);
        return _bytes.WrittenCount;
    }

    [Benchmark(Description = "the headers of a response read (HPACK, Huffman)")]
    public int Decode()
    {
        var read = 0;
        _decoder.Read(Response, _ => read++);
        return read;
    }
}
