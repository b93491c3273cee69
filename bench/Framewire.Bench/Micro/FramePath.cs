using System.Buffers;
using System.IO.Pipelines;
using BenchmarkDotNet.Attributes;
using Framewire.Bench.Load;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Server.Wire;
using Codec = Framewire.Protocol.Video.Codec;
using Frame = Framewire.Protocol.Video.Frame;

namespace Framewire.Bench.Micro;

/// <summary>
/// What the profiles name on a frame's way from the publisher's memory to the server's: each step alone, beside a bare copy of the same bytes. Made by
/// BenchmarkDotNet; one thread.
/// </summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class FramePath
{
    /// <summary>What Kestrel hands over at a time.</summary>
    private const int Chunk = 16 << 10;

    private readonly ArrayBufferWriter<byte> _head = new(256);
    private readonly Marshaller<FrameOr<PublishRequest>> _requests = IngestContract.Publish.Requests;
    private byte[] _copy = [];
    private byte[] _http2 = [];
    private Frame _frame = null!;
    private ReadOnlySequence<byte> _message;

    /// <summary>Of a frame.</summary>
    [Params(60 << 10, 640 * 480, 1280 * 720 * 3)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _frame = new Frame { Sequence = 1_000_000, Pts = TimeSpan.FromHours(9), CapturedAt = DateTimeOffset.UtcNow, IsKeyframe = true, Buffer = MadePayload.Of(Codec.Jpeg, Bytes) };
        _copy = new byte[Bytes];
        var tail = _requests.Write(new(_frame), _head);
        byte[] whole = [.. _head.WrittenSpan, .. tail.Span];
        _message = Segments.Of(whole.Chunk(Chunk));
        _http2 = [.. new byte[24], .. whole.Chunk(Chunk).SelectMany(part => (byte[])[(byte)(part.Length >> 16), (byte)(part.Length >> 8), (byte)part.Length, 0, 0, 0, 0, 0, 1, .. part])];
    }

    /// <summary>What none of the others can be faster than, if it copies.</summary>
    [Benchmark(Baseline = true, Description = "copy of the bytes")]
    public void Copy() => _frame.Payload.Span.CopyTo(_copy);

    [Benchmark(Description = "publisher: fields of a frame")]
    public int Write()
    {
        _head.ResetWrittenCount();
        return _requests.Write(new(_frame), _head).Length;
    }

    [Benchmark(Description = "server: a frame taken in as it comes")]
    public ulong Assemble()
    {
        var first = _message.Slice(0, Chunk);
        using var assembly = _requests.TryBegin(first, (int)_message.Length)!;
        for (var rest = _message.Slice(Chunk); !rest.IsEmpty; rest = rest.Slice(Math.Min(Chunk, rest.Length)))
            assembly.Append(rest.Slice(0, Math.Min(Chunk, rest.Length)));
        return Release(assembly.Finish());
    }

    [Benchmark(Description = "server: a frame read when it is whole")]
    public ulong Read() => Release(_requests.Read(_message));

    [Benchmark(Description = "server: the guard against floods")]
    public async Task<long> GuardAsync()
    {
        var guard = new FloodGuard(PipeReader.Create(new ReadOnlySequence<byte>(_http2)), new ControlFrameBudget(1, 1, TimeProvider.System));
        var read = await guard.ReadAsync();
        guard.AdvanceTo(read.Buffer.End);
        return read.Buffer.Length;
    }

    private static ulong Release(FrameOr<PublishRequest> message)
    {
        message.Frame!.Release();
        return message.Frame.Sequence;
    }

    /// <summary>Bytes in pieces, as a connection brings them. Immutable.</summary>
    private sealed class Segments : ReadOnlySequenceSegment<byte>
    {
        private Segments(ReadOnlyMemory<byte> memory, long at) => (Memory, RunningIndex) = (memory, at);

        public static ReadOnlySequence<byte> Of(IEnumerable<byte[]> parts)
        {
            Segments? first = null, last = null;
            foreach (var part in parts)
            {
                var next = new Segments(part, last is null ? 0 : last.RunningIndex + last.Memory.Length);
                if (last is not null)
                    last.Next = next;
                (first, last) = (first ?? next, next);
            }

            return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
        }
    }
}
