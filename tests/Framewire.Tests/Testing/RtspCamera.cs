using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Framewire.Protocol.Video;

namespace Framewire.Tests.Testing;

/// <summary>
/// A camera for one viewer: RTSP with Basic authentication (RFC 2326), H.264 as RTP in the same connection (RFC 6184), parameter
/// sets only in the session description. Owned by one test; dispose ends it.
/// </summary>
internal sealed class RtspCamera : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(33);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly IReadOnlyList<byte[]> _frames;
    private readonly Task _serving;
    private ushort _sequence;

    /// <param name="frames">Access units in Annex B, played in a loop at 30 a second.</param>
    public RtspCamera(IReadOnlyList<byte[]> frames)
    {
        _frames = frames;
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Address => $"rtsp://me:s3cret@127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/live";

    /// <summary>Each method that was asked for.</summary>
    public List<string> Methods { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            using var viewer = await _listener.AcceptTcpClientAsync(_stop.Token);
            using var lines = new StreamReader(viewer.GetStream(), leaveOpen: true);
            while (await AnswerAsync(lines, viewer.GetStream()))
            {
            }
            if (Methods[^1] == "PLAY")
                await PlayAsync(viewer.GetStream());
        }
    }

    /// <summary>Answers one request; false once it is time to play or the viewer has gone.</summary>
    private async Task<bool> AnswerAsync(StreamReader lines, NetworkStream viewer)
    {
        if (await lines.ReadLineAsync(_stop.Token) is not { } first)
            return false;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await lines.ReadLineAsync(_stop.Token) is { Length: > 0 } line)
            headers[line[..line.IndexOf(':', StringComparison.Ordinal)]] = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        var method = first.Split(' ')[0];
        Methods.Add(method);
        var isKnown = method == "OPTIONS" || headers.GetValueOrDefault("Authorization") == "Basic " + Convert.ToBase64String("me:s3cret"u8);
        var body = isKnown && method == "DESCRIBE" ? Describe() : "";
        var reply = new StringBuilder(isKnown ? "RTSP/1.0 200 OK\r\n" : "RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"camera\"\r\n")
            .Append(CultureInfo.InvariantCulture, $"CSeq: {headers["CSeq"]}\r\nSession: 1\r\nPublic: DESCRIBE, SETUP, PLAY\r\n")
            .Append(method == "SETUP" ? "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n" : "")
            .Append(CultureInfo.InvariantCulture, $"Content-Type: application/sdp\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        await viewer.WriteAsync(Encoding.ASCII.GetBytes(reply.ToString()), _stop.Token);
        return method != "PLAY";
    }

    private string Describe() =>
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
        + $"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={string.Join(',', Units(_frames[0], isParameters: true).Select(Convert.ToBase64String))}\r\na=control:track0\r\n";

    private async Task PlayAsync(NetworkStream viewer)
    {
        using var timer = new PeriodicTimer(Interval);
        for (var index = 0; await timer.WaitForNextTickAsync(_stop.Token); index++)
        {
            var units = Units(_frames[index % _frames.Count], isParameters: false);
            for (var unit = 0; unit < units.Count; unit++)
                await viewer.WriteAsync(Packets(units[unit], (uint)(index * 3000), unit == units.Count - 1), _stop.Token);
        }
    }

    private static List<byte[]> Units(byte[] frame, bool isParameters)
    {
        var units = new List<byte[]>();
        foreach (var unit in new H264Units(frame))
            if ((unit[0] & 0x1F) is 7 or 8 == isParameters)
                units.Add(unit.ToArray());
        return units;
    }

    /// <summary>One NAL unit as fragments of at most 1200 bytes (RFC 6184 5.8), each in RTP and the interleaved header.</summary>
    private byte[] Packets(byte[] unit, uint time, bool isLast)
    {
        const int most = 1200;
        if (unit.Length <= most)
            return Packet(unit, time, isLast);
        var bytes = new List<byte>();
        for (var start = 1; start < unit.Length; start += most)
        {
            var end = Math.Min(start + most, unit.Length);
            var flags = (start == 1 ? 0x80 : 0) | (end == unit.Length ? 0x40 : 0);
            byte[] fragment = [(byte)(unit[0] & 0xE0 | 28), (byte)(flags | unit[0] & 0x1F), .. unit[start..end]];
            bytes.AddRange(Packet(fragment, time, isLast && end == unit.Length));
        }
        return [.. bytes];
    }

    private byte[] Packet(byte[] payload, uint time, bool isLast)
    {
        var packet = new byte[16 + payload.Length];
        packet[0] = (byte)'$';
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)(12 + payload.Length));
        packet[4] = 0x80;
        packet[5] = (byte)(96 | (isLast ? 0x80 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), _sequence++);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), time);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(12), 0x46574952);
        payload.CopyTo(packet, 16);
        return packet;
    }
}
