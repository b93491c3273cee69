using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;

namespace Framewire.Server.Access;

/// <summary>
/// What one address may do: connections at the same time, calls a second, failures a minute. An IPv6 site counts as one address (its /64), and proxies are
/// not counted. One for a server; any thread.
/// </summary>
public sealed class AddressLimits : IDisposable
{
    private const int SiteBytes = 8;

    private readonly IReadOnlySet<IPAddress> _proxies;
    private readonly PartitionedRateLimiter<IPAddress> _connections;
    private readonly PartitionedRateLimiter<IPAddress> _calls;
    private readonly PartitionedRateLimiter<IPAddress> _failures;

    private long _refusedConnections;
    private long _refusedCalls;
    private long _failed;

    public AddressLimits(AccessOptions options)
    {
        _proxies = options.Proxies;
        _connections = PartitionedRateLimiter.Create<IPAddress, IPAddress>(
            address => RateLimitPartition.GetConcurrencyLimiter(address, _ => new ConcurrencyLimiterOptions { PermitLimit = options.MaxConnectionsPerAddress }));
        _calls = Bucket(options.CallBurst, options.MaxCallsPerSecond, TimeSpan.FromSeconds(1));
        _failures = Bucket(options.MaxFailuresPerMinute, options.MaxFailuresPerMinute, TimeSpan.FromMinutes(1));
    }

    /// <summary>Connections, calls and credentials that were refused so far, by whoever sent them.</summary>
    public (long Connections, long Calls, long Credentials) Refused =>
        (Interlocked.Read(ref _refusedConnections), Interlocked.Read(ref _refusedCalls), Interlocked.Read(ref _failed));

    /// <summary>A place for a connection, to be given back with it; null if the address has as many as it may.</summary>
    public IDisposable? TryConnect(IPAddress? address) => Counted(Try(_connections, address), ref _refusedConnections);

    /// <summary>Whether an address may begin another call.</summary>
    public bool TryCall(IPAddress? address) => Counted(Try(_calls, address), ref _refusedCalls) is not null;

    /// <summary>Whether credentials that failed are worth an answer and a line in the log.</summary>
    public bool TryFail(IPAddress? address)
    {
        Interlocked.Increment(ref _failed);
        return Try(_failures, address) is not null;
    }

    public void Dispose()
    {
        _connections.Dispose();
        _calls.Dispose();
        _failures.Dispose();
    }

    private static IDisposable? Counted(IDisposable? lease, ref long refused)
    {
        if (lease is null)
            Interlocked.Increment(ref refused);
        return lease;
    }

    private IDisposable? Try(PartitionedRateLimiter<IPAddress> limiter, IPAddress? address)
    {
        if (address is null || _proxies.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address))
            return NoLimit.Instance;
        var lease = limiter.AttemptAcquire(SiteOf(address));
        if (lease.IsAcquired)
            return lease;
        lease.Dispose();
        return null;
    }

    private static PartitionedRateLimiter<IPAddress> Bucket(int burst, int tokens, TimeSpan period) => PartitionedRateLimiter.Create<IPAddress, IPAddress>(
        address => RateLimitPartition.GetTokenBucketLimiter(
            address, _ => new TokenBucketRateLimiterOptions { TokenLimit = Math.Max(burst, tokens), TokensPerPeriod = tokens, ReplenishmentPeriod = period, AutoReplenishment = true }));

    /// <summary>Whoever has one IPv6 address has 2^64 of them.</summary>
    private static IPAddress SiteOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(SiteBytes).Clear();
        return new IPAddress(bytes);
    }

    /// <summary>For those without a limit. Shared, any thread.</summary>
    private sealed class NoLimit : IDisposable
    {
        public static readonly NoLimit Instance = new();

        public void Dispose()
        {
        }
    }
}
