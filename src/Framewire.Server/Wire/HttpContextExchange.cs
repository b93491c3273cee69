using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using Framewire.Protocol.Wire;
using Framewire.Server.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Framewire.Server.Wire;

/// <summary>One request of Kestrel's as Wire sees it. Owned by the middleware for the length of the request.</summary>
internal sealed class HttpContextExchange(HttpContext context, string path) : ServerExchange
{
    public override string Path => path;

    public override string Peer
    {
        get
        {
            var (address, port) = (context.Connection.RemoteIpAddress, context.Connection.RemotePort);
            if (address is null)
                return "unix:";
            return address.AddressFamily == AddressFamily.InterNetworkV6
                ? string.Create(CultureInfo.InvariantCulture, $"ipv6:[{address}]:{port}")
                : string.Create(CultureInfo.InvariantCulture, $"ipv4:{address}:{port}");
        }
    }

    public override CallIdentity? Identity => context.Features.Get<Caller>();

    public override PipeReader RequestBody => context.Request.BodyReader;

    public override PipeWriter ResponseBody => context.Response.BodyWriter;

    public override bool HasStarted => context.Response.HasStarted;

    public override CancellationToken Aborted => context.RequestAborted;

    public override string? RequestHeader(string name) => context.Request.Headers.TryGetValue(name, out var values) ? values[0] : null;

    public override Metadata ReadMetadata()
    {
        var headers = new Metadata();
        foreach (var (name, values) in context.Request.Headers)
        {
            foreach (var value in values)
                headers.AddReceived(name, value ?? "");
        }
        return headers;
    }

    public override void AddHeader(string name, string value) =>
        context.Response.Headers[name] = StringValues.Concat(context.Response.Headers[name], value);

    public override void AddTrailer(string name, string value) => context.Response.AppendTrailer(name, value);

    public override Task CompleteAsync() => context.Response.CompleteAsync();

    public override void Reset(Http2Error error)
    {
        if (context.Features.Get<IHttpResetFeature>() is { } http2)
            http2.Reset((int)error);
        else
            context.Abort();
    }
}
