using System.Net.Security;
using System.Net.Sockets;

namespace Framewire.Edge.Doctor;

/// <summary>
/// A connection on which nothing is said but HTTP/2's greeting, so that it shows what is at the other end, and what becomes of a connection that is quiet. Owned by
/// one check; one thread.
/// </summary>
internal sealed class QuietConnection : IDisposable
{
    private const int FrameHeadBytes = 9;
    private const int SettingsType = 4;

    /// <summary>RFC 9113 section 3.4: the preface, and SETTINGS without any.</summary>
    private static readonly byte[] Greeting = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, SettingsType, 0, 0, 0, 0, 0];

    /// <summary>SETTINGS with the flag ACK.</summary>
    private static readonly byte[] Acknowledgement = [0, 0, 0, SettingsType, 1, 0, 0, 0, 0];

    private readonly Stream _stream;

    private QuietConnection(Stream stream) => _stream = stream;

    /// <summary>Takes a connected socket over, and shakes hands if there is TLS.</summary>
    public static async Task<QuietConnection> OpenAsync(Socket socket, SslClientAuthenticationOptions? tls, CancellationToken cancellation)
    {
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (tls is null)
            return new QuietConnection(stream);
        var secure = new SslStream(stream);
        try
        {
            await secure.AuthenticateAsClientAsync(tls, cancellation).ConfigureAwait(false);
            return new QuietConnection(secure);
        }
        catch
        {
            await secure.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Greets, and gives the first bytes that come back: as many as the head of a frame, or fewer if the connection ends before.</summary>
    public async Task<ReadOnlyMemory<byte>> GreetAsync(CancellationToken cancellation)
    {
        var start = new byte[FrameHeadBytes];
        var length = 0;
        try
        {
            await _stream.WriteAsync(Greeting, cancellation).ConfigureAwait(false);
            while (length < start.Length && await _stream.ReadAsync(start.AsMemory(length), cancellation).ConfigureAwait(false) is > 0 and var more)
                length += more;
            if (IsSettings(start))
                await _stream.WriteAsync(Acknowledgement, cancellation).ConfigureAwait(false);
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown })
        {
            // What came before the end is what counts.
        }

        return start.AsMemory(0, length);
    }

    /// <summary>Listens without a word until the connection ends; gives how long that took.</summary>
    public async Task<TimeSpan> ListenAsync(CancellationToken cancellation)
    {
        var start = TimeProvider.System.GetTimestamp();
        var ignored = new byte[4096];
        try
        {
            while (await _stream.ReadAsync(ignored, cancellation).ConfigureAwait(false) > 0)
            {
                // The rest of the greeting, or a goodbye.
            }
        }
        catch (IOException)
        {
            // An end, too.
        }

        return TimeProvider.System.GetElapsedTime(start);
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>Whether these bytes begin SETTINGS of the connection, which is what an HTTP/2 server says first.</summary>
    public static bool IsSettings(ReadOnlySpan<byte> start) => start.Length == FrameHeadBytes && start[3] == SettingsType && start[4..].IndexOfAnyExcept((byte)0) < 0;
}
