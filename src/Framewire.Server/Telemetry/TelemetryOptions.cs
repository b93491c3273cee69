namespace Framewire.Server.Telemetry;

/// <summary>Where the server sends its figures and traces. Immutable.</summary>
public sealed record TelemetryOptions
{
    /// <summary>An OTLP receiver, which takes protobuf over HTTP, <c>http://HOST:4318</c>: figures and traces go to its /v1/metrics and /v1/traces. Empty for none.</summary>
    public string OtlpEndpoint { get; init; } = "";

    /// <summary>How often figures go there.</summary>
    public TimeSpan OtlpInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>One frame of so many, of each session, is traced there: 0 for none.</summary>
    public int TraceEvery { get; init; } = 300;

    /// <summary>Whether anything is sent.</summary>
    internal bool IsOn => OtlpEndpoint.Length > 0;

    /// <summary>Every mistake in these options, as sentences; empty if there is none.</summary>
    public IEnumerable<string> Validate()
    {
        if (IsOn && !(Uri.TryCreate(OtlpEndpoint, UriKind.Absolute, out var address) && (address.Scheme is "http" or "https") && address.Query.Length == 0))
            yield return $"Telemetry.OtlpEndpoint '{OtlpEndpoint}' is no address: give http://HOST:4318 of a receiver of OTLP over HTTP, or nothing.";
        if (OtlpInterval < TimeSpan.FromSeconds(1) || OtlpInterval > TimeSpan.FromHours(1))
            yield return "Telemetry.OtlpInterval must be 1 second to 1 hour.";
        if (TraceEvery < 0)
            yield return "Telemetry.TraceEvery must be 0 or more.";
    }

    /// <summary>The address for one kind of what is sent.</summary>
    internal Uri AddressOf(string signal) => new(OtlpEndpoint.TrimEnd('/') + "/v1/" + signal);
}
