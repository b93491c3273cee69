using System.Collections.Concurrent;
using Framewire.Protocol.Wire;

namespace Framewire.Server.Telemetry;

/// <summary>How many gRPC calls ended how, by method. One for a server; any thread. There are as many entries as methods and codes at most.</summary>
internal sealed class CallCounts
{
    /// <summary>Stands for every method that there is not.</summary>
    public const string Other = "other";

    private readonly ConcurrentDictionary<(string Method, GrpcStatusCode Code), long> _counts = new();

    /// <summary>Every pair that there was, and how often.</summary>
    public IEnumerable<((string Method, GrpcStatusCode Code) Of, long Calls)> All => _counts.Select(entry => (entry.Key, entry.Value));

    /// <summary>A call has ended.</summary>
    /// <param name="method">Its path, if there is such a method.</param>
    /// <param name="code">How.</param>
    public void Count(string method, GrpcStatusCode code) => _counts.AddOrUpdate((method, Known(code)), 1, (_, calls) => calls + 1);

    /// <summary>A handler may pass on from elsewhere whatever number it was given.</summary>
    private static GrpcStatusCode Known(GrpcStatusCode code) => Enum.IsDefined(code) ? code : GrpcStatusCode.Unknown;
}
