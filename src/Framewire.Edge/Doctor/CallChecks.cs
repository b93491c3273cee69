using System.Globalization;
using Framewire.Edge.Links;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.Wire;

namespace Framewire.Edge.Doctor;

/// <summary>The checks of gRPC and above, on one connection as a publisher's. Owned by one examination; one thread.</summary>
internal sealed class CallChecks : IAsyncDisposable
{
    /// <summary>What is said of a server that does not know our methods.</summary>
    public const string UnknownMethod = "framewire.v1; is it a Framewire server? One in the seed's contract takes publish --contract analyse.";

    private const int RoundTrips = 10;

    /// <summary>A clock that is further off than this makes ages and the times in recordings wrong, and soon certificates.</summary>
    private static readonly TimeSpan MostOffset = TimeSpan.FromSeconds(2);

    private readonly Uri _server;
    private readonly ClientConnectionOptions _options;
    private readonly ClientConnection _connection;
    private readonly ProbeCalls _probes;
    private readonly LoadChecks _load;
    private readonly List<TimeSpan> _roundTrips = [];
    private GrpcException? _refusal;
    private (TimeSpan RoundTrip, TimeSpan Offset)? _clock;

    public CallChecks(Uri server, ClientConnectionOptions options, NetworkChecks network, ExaminationOptions examination)
    {
        (_server, _options) = (server, options);
        _connection = new ClientConnection(server, options);
        _probes = new ProbeCalls(_connection);
        _load = new LoadChecks(server, options, examination, _connection, _probes, network);
    }

    private string Place => $"{_server.Host}:{_server.Port}";

    /// <summary>Whether Framewire answers; a refusal is an answer, too.</summary>
    public async Task<string> AskAsync(CancellationToken cancellation)
    {
        try
        {
            await _probes.ListAsync(0, cancellation).ConfigureAwait(false);
            _probes.MayWatch = true;
        }
        catch (GrpcException e) when (e is { HttpStatus: null, Status.Code: GrpcStatusCode.Unauthenticated or GrpcStatusCode.PermissionDenied })
        {
            _refusal = e;
        }

        return "a Framewire server";
    }

    /// <summary>Which of publishing and watching it lets this program do.</summary>
    public async Task<string> CheckRightsAsync(CancellationToken cancellation)
    {
        var publishing = await _probes.OfferNothingAsync(0, cancellation).ConfigureAwait(false);
        if (_refusal is { } refusal && publishing is not null)
            throw new CheckFailedException(NetworkChecks.Named(refusal.Status.Code == GrpcStatusCode.PermissionDenied ? publishing : refusal, _server));
        if (publishing is { Status.Code: not (GrpcStatusCode.PermissionDenied or GrpcStatusCode.Unauthenticated) })
            throw publishing;
        var shown = _connection.ReadToken() is not null ? "with the token" : _options.ClientCertificateFile is not null ? "with the certificate" : "without a token";
        return $"{shown} it may {(publishing is null ? "publish" : "not publish")} and {(_probes.MayWatch ? "watch" : "not watch")}";
    }

    /// <summary>How far the server's clock is from this machine's: NTP's sum over the shortest round trip.</summary>
    public async Task<string> CompareClocksAsync(CancellationToken cancellation)
    {
        for (var i = 0; i < RoundTrips; i++)
        {
            var (wall, start) = (_options.Time.GetUtcNow(), TimeProvider.System.GetTimestamp());
            var list = await _probes.AskAsync(0, cancellation).ConfigureAwait(false);
            var took = TimeProvider.System.GetElapsedTime(start);
            _roundTrips.Add(took);
            if (list is not null && (_clock is null || took < _clock.Value.RoundTrip))
                _clock = (took, Micros.ToDateTimeOffset(list.ServerTimeUnixMicros) - (wall + (took / 2)));
        }

        if (_clock is not { } clock)
            throw new NotCheckedException("that needs the right to watch some stream");
        var text = string.Create(CultureInfo.InvariantCulture, $"{clock.Offset.Duration().TotalMilliseconds:0.0} ms {(clock.Offset < TimeSpan.Zero ? "behind" : "ahead of")} this machine's, +/- {clock.RoundTrip.TotalMilliseconds / 2:0.0} ms");
        return clock.Offset.Duration() <= MostOffset
            ? $"the server's is {text}"
            : throw new CheckFailedException(
                new(ConnectCause.ClockWrong, $"the clock of {Place} is {text}", "set whichever is wrong (timedatectl set-ntp true): ages and the times in recordings are off by as much.", $"this machine: {CertificateFailure.Text(_options.Time.GetUtcNow())}"),
                goOn: true);
    }

    /// <summary>How long a small call takes.</summary>
    public Task<string> MeasureRoundTripAsync(CancellationToken cancellation)
    {
        _roundTrips.Sort();
        return Task.FromResult(string.Create(
            CultureInfo.InvariantCulture,
            $"best {_roundTrips[0].TotalMilliseconds:0.0}, median {_roundTrips[_roundTrips.Count / 2].TotalMilliseconds:0.0}, worst {_roundTrips[^1].TotalMilliseconds:0.0} ms, {_roundTrips.Count} calls"));
    }

    /// <summary>How large a message may be.</summary>
    public Task<string> FindMessageLimitAsync(CancellationToken cancellation) => _load.FindMessageLimitAsync(cancellation);

    /// <summary>How much goes to the server.</summary>
    public Task<string> MeasureUpAsync(CancellationToken cancellation) => _load.MeasureUpAsync(cancellation);

    /// <summary>How much comes from it.</summary>
    public Task<string> MeasureDownAsync(CancellationToken cancellation) => _load.MeasureDownAsync(cancellation);

    /// <summary>What becomes of what is quiet.</summary>
    public Task<string> BeIdleAsync(CancellationToken cancellation) => _load.BeIdleAsync(cancellation);

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
