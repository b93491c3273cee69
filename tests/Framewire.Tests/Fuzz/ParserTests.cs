using System.Buffers;
using System.IO.Compression;
using System.Text;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.Log;
using Framewire.Protocol.V1;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using Framewire.Protocol.Wire.Http2;
using Framewire.Server.Access;
using Framewire.Server.Wire;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Fuzz;

/// <summary>Every parser of what strangers send, on broken bytes: it refuses them in its own words, or takes them, and that is all.</summary>
public sealed class ParserTests
{
    private static readonly Marshaller<FrameOr<PublishRequest>> Publish = IngestContract.Publish.Requests;

    private static byte[] Written<T>(Marshaller<T> marshaller, T message)
    {
        var head = new ArrayBufferWriter<byte>();
        var tail = marshaller.Write(message, head);
        return [.. head.WrittenSpan, .. tail.Span];
    }

    private static ReadOnlySequence<byte> Sequence(byte[] bytes) => new(bytes);

    [Fact]
    public void Framing()
    {
        byte[] Prefixed(byte[] message)
        {
            var prefix = new byte[MessageFraming.PrefixLength];
            MessageFraming.WritePrefix(prefix, false, message.Length);
            return [.. prefix, .. message];
        }

        Fuzzing.Run([Prefixed([1, 2, 3]), [.. Prefixed([]), .. Prefixed(new byte[300])]], bytes =>
        {
            var rest = Sequence(bytes);
            while (MessageFraming.TryRead(rest, 1 << 20, out _, out var length, out var message) == FramingOutcome.Message)
            {
                Assert.Equal(length, message.Length);
                rest = rest.Slice(MessageFraming.PrefixLength + length);
            }
        });
    }

    /// <summary>A frame read as it comes is the frame read when it is whole, whatever the bytes.</summary>
    [Fact]
    public void Frames_of_our_contract()
    {
        var frame = Frames.One(7, bytes: 2000) with { Metadata = new Dictionary<string, string> { ["exposure"] = "1/60" } };
        byte[][] corpus = [Written(Publish, new(Frames.One(1))), Written(Publish, new(frame)), Written(Publish, new(new PublishRequest { Gap = new() { FirstSequence = 1, LastSequence = 9 } }))];
        var cut = new Random(1);
        Fuzzing.Run(corpus, bytes =>
        {
            var whole = Outcome(() => Publish.Read(Sequence(bytes)));
            var at = cut.Next(bytes.Length + 1);
            var pieces = Outcome(() =>
            {
                using var assembly = Publish.TryBegin(Sequence(bytes[..at]), bytes.Length);
                if (assembly is null)
                    return Publish.Read(Sequence(bytes));
                assembly.Append(Sequence(bytes[at..]));
                return assembly.Finish();
            });
            Assert.Equal(whole, pieces);
        });
    }

    private static string Outcome(Func<FrameOr<PublishRequest>> read)
    {
        try
        {
            var message = read();
            if (message.Frame is not { } frame)
                return $"{message.Other}";
            var told = $"{frame.Sequence} {frame.Pts} {frame.CapturedAt:O} {frame.IsKeyframe} {string.Join(',', frame.Metadata)} {Convert.ToHexString(frame.Payload.Span)} {message.Other}";
            frame.Release();
            return told;
        }
        catch (InvalidDataException)
        {
            return "refused";
        }
    }

    [Fact]
    public void The_seeds_pictures()
    {
        var pictures = AnalyseContract.Analyse.Requests;
        Fuzzing.Run([Written(pictures, Frames.One(1, bytes: 500).Buffer)], bytes => pictures.Read(Sequence(bytes)).Release(), e => e is InvalidDataException);
    }

    [Fact]
    public void Metadata_and_statuses()
    {
        byte[][] corpus = ["not%20there%E2%9C%93"u8.ToArray(), "AAECAw"u8.ToArray(), "100m"u8.ToArray(), "Bearer fw_abcdefgh_x"u8.ToArray(), "Basic dXNlcjpmd18="u8.ToArray(), "identity, gzip"u8.ToArray()];
        Fuzzing.Run(corpus, bytes =>
        {
            var text = Encoding.Latin1.GetString(bytes);
            StatusMessage.Decode(StatusMessage.Encode(StatusMessage.Decode(text)));
            _ = MetadataRules.TryDecodeBinary(text, out _);
            _ = GrpcTimeout.TryParse(text, out _);
            GzipCoding.IsAcceptedBy(text);
            ContentType.FormOf(text);
            AccessToken.Parse(AccessGuard.TokenIn(text) ?? "");
            _ = StreamName.TryParse(text, out _);
        });
    }

    [Fact]
    public void Gzip()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(new byte[3000]);
        Fuzzing.Run(
            [packed.ToArray()],
            bytes =>
            {
                using var inflated = GzipCoding.Inflate(Sequence(bytes), 1 << 20);
                Assert.InRange(inflated.Length, 0, 1 << 20);
            },
            e => e is GrpcException);
    }

    [Fact]
    public void Headers_of_responses()
    {
        // RFC 7541 appendix C.6.1, and a block without Huffman codes.
        byte[][] corpus =
        [
            Convert.FromHexString("488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3"),
            [0x88, 0x40, 4, .. "name"u8, 5, .. "value"u8, 0xBE],
        ];
        Fuzzing.Run(corpus, bytes =>
        {
            var headers = new ReceivedHeaders(1 << 14);
            new HpackDecoder(4096).Read(bytes, headers.Add);
        }, e => e is InvalidDataException);
    }

    [Fact]
    public void Jpeg_and_H264()
    {
        // A head up to its scan (T.81), and a sequence parameter set of 64x48 with a slice.
        byte[] jpeg = [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xC0, 0, 11, 8, 0, 48, 0, 64, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 1, 2, 3];
        byte[] h264 = [0, 0, 0, 1, 0x67, 0x42, 0xC0, 0x1E, 0xDB, 0x02, 0x80, 0x6F, 0x40, 0, 0, 0, 1, 0x68, 0xCE, 0x3C, 0x80, 0, 0, 1, 0x65, 0x88, 0x84, 0];
        byte[][] damaged = [.. Shared.MalformedIfThere().Where(file => new FileInfo(file).Length < 1 << 16).Take(100).Select(File.ReadAllBytes)];
        Fuzzing.Run([jpeg, h264, .. damaged], bytes =>
        {
            if (JpegHeader.TryRead(bytes, out var header))
                Assert.InRange(header.ScanOffset, 1, bytes.Length);
            H264AccessUnit.IsKeyframe(bytes);
            H264AccessUnit.TryReadSequence(bytes, out _);
            foreach (var unit in new H264Units(bytes))
                H264Sequence.TryRead(unit, out _);
        });
    }

    [Fact]
    public void Recordings()
    {
        using var folder = Folder.InMemory();
        Segments.Write(folder["good.mcap"], Segments.Header(), Segments.Chunks(chunks: 3, frames: 3), closes: true);
        Segments.Write(folder["open.mcap"], Segments.Header(), Segments.Chunks(chunks: 2, frames: 2), closes: false);
        Fuzzing.Run(
            [File.ReadAllBytes(folder["good.mcap"]), File.ReadAllBytes(folder["open.mcap"])],
            bytes =>
            {
                File.WriteAllBytes(folder["broken.mcap"], bytes);
                using var reader = SegmentReader.Open(folder["broken.mcap"]);
                foreach (var entry in reader.ReadAll().OfType<LogEntry.Picture>())
                    entry.Frame.Release();
                _ = reader.ReadResults().Count();
            },
            e => e is InvalidDataException);
    }

    [Fact]
    public void Token_files()
    {
        using var tokens = new Tokens();
        tokens.Add(grant => grant with { Name = "anna", Watch = ["cam-*"], Expires = DateTimeOffset.UnixEpoch });
        Fuzzing.Run([File.ReadAllBytes(tokens.Path)], bytes =>
        {
            File.WriteAllBytes(tokens.Path, bytes);
            TokenFile.Read(tokens.Path);
        }, e => e is IOException);
    }
}
