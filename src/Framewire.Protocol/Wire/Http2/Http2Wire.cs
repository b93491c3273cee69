using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Framewire.Protocol.Wire.Http2;

/// <summary>
/// The bytes under one HTTP/2 connection: a socket, or TLS on one. Owned by its connection; one thread reads and another may write.
/// </summary>
internal sealed class Http2Wire : IDisposable
{
    private readonly Socket _socket;
    private readonly SslStream? _tls;
    private byte[] _clear = [];

    private Http2Wire(Socket socket, SslStream? tls) => (_socket, _tls) = (socket, tls);

    /// <summary>Connects, and shakes hands if there is TLS (RFC 9113 section 3.2: by ALPN). Cleartext begins at once, with prior knowledge (section 3.3).</summary>
    public static async Task<Http2Wire> ConnectAsync(Uri address, SslClientAuthenticationOptions? tls, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        SslStream? stream = null;
        try
        {
            await socket.ConnectAsync(new DnsEndPoint(address.IdnHost, address.Port), cancellation);
            if (tls is null)
                return new Http2Wire(socket, null);
            stream = new SslStream(new NetworkStream(socket));
            await stream.AuthenticateAsClientAsync(tls, cancellation);
            return stream.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2
                ? new Http2Wire(socket, stream)
                : throw new HttpRequestException(HttpRequestError.VersionNegotiationError, "The server speaks TLS, but did not agree to HTTP/2 (ALPN).");
        }
        catch
        {
            stream?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Receives what there is; 0 at the end.</summary>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _tls is null ? _socket.ReceiveAsync(buffer, SocketFlags.None) : _tls.ReadAsync(buffer);

    /// <summary>Sends all of these pieces, without copying them if there is no TLS. They must not change until it is done.</summary>
    public async Task SendAsync(List<ArraySegment<byte>> pieces)
    {
        if (_tls is not null)
        {
            await SendOverTlsAsync(_tls, pieces);
            return;
        }
        var left = 0;
        foreach (var piece in pieces)
            left += piece.Count;
        while (true)
        {
            var sent = await _socket.SendAsync(pieces, SocketFlags.None);
            left -= sent;
            if (left == 0)
                return;
            RemoveSent(pieces, sent);
        }
    }

    /// <summary>Says that nothing more will come, and reads until the server has said so too: closing with bytes unread would throw away what was sent last.</summary>
    public async Task DrainAsync(CancellationToken patience)
    {
        _socket.Shutdown(SocketShutdown.Send);
        var unread = new byte[4096];
        while (await _socket.ReceiveAsync(unread, SocketFlags.None, patience) > 0)
        {
            // It is still talking.
        }
    }

    /// <summary>Ends the connection; a pending receive or send fails.</summary>
    public void Dispose()
    {
        _tls?.Dispose();
        _socket.Dispose();
    }

    private static void RemoveSent(List<ArraySegment<byte>> pieces, int sent)
    {
        while (pieces.Count > 0 && sent >= pieces[0].Count)
        {
            sent -= pieces[0].Count;
            pieces.RemoveAt(0);
        }
        if (sent > 0)
            pieces[0] = pieces[0][sent..];
    }

    /// <summary>As one piece, so that small HTTP/2 frames share a TLS record.</summary>
    private async Task SendOverTlsAsync(SslStream tls, List<ArraySegment<byte>> pieces)
    {
        var length = pieces.Sum(piece => piece.Count);
        if (_clear.Length < length)
            _clear = new byte[Math.Max(length, 16 * 1024)];
        var at = 0;
        foreach (var piece in pieces)
        {
            piece.AsSpan().CopyTo(_clear.AsSpan(at));
            at += piece.Count;
        }
        await tls.WriteAsync(_clear.AsMemory(0, length));
    }
}
