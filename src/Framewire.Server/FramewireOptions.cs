using System.Net;
using Framewire.Protocol.Wire;
using Framewire.Server.Access;
using Framewire.Server.Forms;
using Framewire.Server.Ingest;
using Framewire.Server.Processing;
using Framewire.Server.Recording;
using Framewire.Server.Streams;
using Framewire.Server.Telemetry;
using Framewire.Server.Viewing;
using Framewire.Server.Wire;

namespace Framewire.Server;

/// <summary>Everything that a server goes by. Immutable; read once, when the server is composed.</summary>
public sealed record FramewireOptions
{
    /// <summary>Where gRPC listens, <c>HOST:PORT</c>. HOST is an address, <c>localhost</c>, or <c>*</c> for every address; port 0 is any free one.</summary>
    public string Listen { get; init; } = "127.0.0.1:50051";

    /// <summary>Where the page, the lists and health listen, <c>HOST:PORT</c>; empty for nowhere.</summary>
    public string Web { get; init; } = "127.0.0.1:8080";

    /// <summary>How much the streams may take.</summary>
    public StreamLimits Streams { get; init; } = new();

    /// <summary>How frames are taken in.</summary>
    public IngestOptions Ingest { get; init; } = new();

    /// <summary>What is recorded.</summary>
    public RecordingOptions Recording { get; init; } = new();

    /// <summary>How frames are handed out.</summary>
    public ViewingOptions Viewing { get; init; } = new();

    /// <summary>Who processes frames.</summary>
    public ProcessingOptions Processing { get; init; } = new();

    /// <summary>How frames are made into another form.</summary>
    public FormOptions Forms { get; init; } = new();

    /// <summary>Who may do what.</summary>
    public AccessOptions Access { get; init; } = new();

    /// <summary>Where figures and traces are sent.</summary>
    public TelemetryOptions Telemetry { get; init; } = new();

    /// <summary>The limits of gRPC messages.</summary>
    public WireOptions Wire { get; init; } = new();

    /// <summary>How HTTP/2 is spoken.</summary>
    public TransportOptions Transport { get; init; } = new();

    /// <summary>Every mistake in these options, as sentences; empty if there is none.</summary>
    public IEnumerable<string> Validate()
    {
        if (ParseEndpoint(Listen) is null)
            yield return $"Listen '{Listen}' is not HOST:PORT: give an address, localhost or *, and a port, for example 0.0.0.0:50051.";
        if (Web.Length > 0 && ParseEndpoint(Web) is null)
            yield return $"Web '{Web}' is not HOST:PORT: give an address, localhost or *, and a port, for example 0.0.0.0:8080.";
        foreach (var mistake in (IEnumerable<string>)[.. Streams.Validate(), .. Ingest.Validate(), .. Recording.Validate(), .. Processing.Validate(), .. Viewing.Validate(), .. Forms.Validate(), .. Access.Validate(), .. Telemetry.Validate(), .. Wire.Validate(), .. Transport.Validate(), .. ValidatePosture()])
            yield return mistake;
    }

    /// <summary>What other machines can reach is not left open by an oversight.</summary>
    private IEnumerable<string> ValidatePosture()
    {
        var open = new[] { Listen, Web }.Where(ListensBeyondThisMachine).ToList();
        if (open.Count == 0 || Access.Insecure)
            yield break;
        var where = string.Join(" and ", open);
        if (Transport.CertificateFile is null)
            yield return $"Other machines can reach {where}, and without a certificate anybody on the way can read and change every frame: give --cert and --key, or listen on 127.0.0.1 behind a proxy that does TLS; or say --insecure.";
        if (Access.IsOpen && Transport is not { ClientAuthorityFile: not null, RequireClientCertificate: true })
            yield return $"Other machines can reach {where}, and without tokens whoever does may publish, watch and delete: make a token file with 'framewire token create' and give it with --tokens; or say --insecure.";
    }

    /// <summary>Whether other machines can reach a listener.</summary>
    public static bool ListensBeyondThisMachine(string listen) => ParseEndpoint(listen) is { } endpoint && !IPAddress.IsLoopback(endpoint.Address);

    /// <summary>Reads <c>HOST:PORT</c>; null if it is none.</summary>
    internal static IPEndPoint? ParseEndpoint(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text[(colon + 1)..], out var port))
            return null;
        return text[..colon] switch
        {
            "localhost" => new IPEndPoint(IPAddress.Loopback, port),
            "*" or "" => new IPEndPoint(IPAddress.IPv6Any, port),
            var host => IPAddress.TryParse(host.Trim('[', ']'), out var address) ? new IPEndPoint(address, port) : null,
        };
    }
}
