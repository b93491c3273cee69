using System.IO.Pipelines;
using System.Text;

namespace Framewire.Protocol.Wire;

/// <summary>
/// A gRPC-Web request as the dispatcher sees any other call: messages are the same, trailers go into the body, and the text form is base64
/// both ways. Owned by the transport's adapter, like the exchange that it wraps; any version of HTTP.
/// </summary>
/// <remarks>
/// PROTOCOL-WEB.md. The last frame of the body has the trailers, with names in lower case; the body ends behind it:
/// <code>
///   +------+---------------------------+--------------------------------------------+
///   | 0x80 |   length (big-endian)     | "grpc-status: 0\r\n" "grpc-message: ...\r\n" |
///   +------+---------------------------+--------------------------------------------+
/// </code>
/// A call that ends without a message may have its status in the HTTP headers (Trailers-Only), as over HTTP/2.
/// </remarks>
public sealed class GrpcWebExchange : ServerExchange
{
    private const byte TrailersFlag = 0x80;

    private readonly ServerExchange _inner;
    private readonly string _contentType;
    private readonly StringBuilder _trailers = new();
    private bool _hasTrailers;

    /// <summary>Wraps a request whose content type says that it is gRPC-Web.</summary>
    public GrpcWebExchange(ServerExchange inner, GrpcForm form)
    {
        _inner = inner;
        var isText = form == GrpcForm.WebText;
        _contentType = isText ? "application/grpc-web-text+proto" : "application/grpc-web+proto";
        RequestBody = isText ? PipeReader.Create(new Base64Body(inner.RequestBody)) : inner.RequestBody;
        ResponseBody = isText ? new Base64PipeWriter(inner.ResponseBody) : inner.ResponseBody;
    }

    public override string Path => _inner.Path;

    public override string Peer => _inner.Peer;

    public override CallIdentity? Identity => _inner.Identity;

    public override PipeReader RequestBody { get; }

    public override PipeWriter ResponseBody { get; }

    public override bool HasStarted => _inner.HasStarted;

    public override CancellationToken Aborted => _inner.Aborted;

    /// <summary>A browser cannot send <c>te</c>, and need not: trailers are in the body.</summary>
    public override string? RequestHeader(string name) => name == "te" ? "trailers" : _inner.RequestHeader(name);

    public override Metadata ReadMetadata() => _inner.ReadMetadata();

    public override void AddHeader(string name, string value) => _inner.AddHeader(name, name == "content-type" ? _contentType : value);

    public override void AddTrailer(string name, string value)
    {
        _hasTrailers = true;
        _trailers.Append(name).Append(": ").Append(value).Append("\r\n");
    }

    public override async Task CompleteAsync()
    {
        if (_hasTrailers)
            await WriteTrailersAsync();
        await _inner.CompleteAsync();
    }

    public override void Reset(Http2Error error) => _inner.Reset(error);

    private async Task WriteTrailersAsync()
    {
        var text = Encoding.ASCII.GetBytes(_trailers.ToString());
        var frame = ResponseBody.GetMemory(MessageFraming.PrefixLength + text.Length);
        MessageFraming.WritePrefix(frame.Span, compressed: false, text.Length);
        frame.Span[0] = TrailersFlag;
        text.CopyTo(frame.Span[MessageFraming.PrefixLength..]);
        ResponseBody.Advance(MessageFraming.PrefixLength + text.Length);
        try
        {
            await ResponseBody.FlushAsync(Aborted);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client is gone: there is nobody to tell.
        }
    }
}
