using System.Diagnostics.CodeAnalysis;
using Framewire.Protocol.Wire;

namespace Framewire.Server.Access;

/// <summary>Who asks, and what he may do. Shared by all that comes with the same credentials; any thread.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A source without a timer holds nothing; many calls share it, and none of them is the last.")]
public sealed class Caller : CallIdentity
{
    private readonly Grant? _grant;
    private readonly CancellationTokenSource _ended = new();
    private string _why;

    private Caller(Grant? grant, string name, string why) => (_grant, Name, _why) = (grant, name, why);

    /// <summary>Anybody, on a server without tokens: may do everything.</summary>
    public static Caller Everybody { get; } = new(new Grant { Id = "everybody", Publish = ["*"], Watch = ["*"], Record = ["*"], Process = ["*"], Admin = true }, "", "");

    /// <summary>Nobody that is known, and why not.</summary>
    public static Caller Nobody(string why) => new(null, "", why);

    internal static Caller Of(Grant grant) => new(grant, grant.Name.Length > 0 ? $"{AccessToken.Printable(grant.Name)} ({grant.Id})" : grant.Id, "");

    /// <summary>For people and logs.</summary>
    public string Name { get; }

    /// <summary>Whether it is known who it is.</summary>
    public bool IsSignedIn => _grant is not null && !_ended.IsCancellationRequested;

    /// <summary>What it is known by; null if it is not known.</summary>
    internal Grant? Grant => _grant;

    /// <summary>What is the same for all calls with these credentials, and for no others.</summary>
    public string Owner => _grant?.Id ?? "";

    /// <summary>When they expire; null for never.</summary>
    public DateTimeOffset? Expires => _grant?.Expires;

    public override CancellationToken Ended => _ended.Token;

    public override string WhyEnded => _why;

    /// <summary>Whether it has a right, for whichever stream.</summary>
    public bool May(Right right) => right == Right.None || (IsSignedIn && _grant!.Has(right));

    /// <summary>Whether it has a right for a stream.</summary>
    public bool May(Right right, string stream) => IsSignedIn && _grant!.Has(right, stream);

    /// <summary>The streams for which it has a right: names with * and ?.</summary>
    public IReadOnlyList<string> StreamsFor(Right right) => IsSignedIn ? _grant!.StreamsOf(right) : [];

    /// <summary>What it is told if it does not have a right for any stream; null if it has.</summary>
    public GrpcStatus? Refusal(Right right)
    {
        if (May(right))
            return null;
        return IsSignedIn
            ? new(GrpcStatusCode.PermissionDenied, $"This token has no right to {Words(right)}; ask whoever runs the server for one that has.")
            : new(GrpcStatusCode.Unauthenticated, _why);
    }

    /// <summary>Goes on only if it has a right for a stream.</summary>
    /// <exception cref="GrpcException">PERMISSION_DENIED or UNAUTHENTICATED.</exception>
    public void Demand(Right right, string stream)
    {
        if (May(right, stream))
            return;
        throw IsSignedIn
            ? new GrpcException(GrpcStatusCode.PermissionDenied, $"This token has no right to {Words(right)} stream '{stream}'; ask whoever runs the server for one that has.")
            : new GrpcException(GrpcStatusCode.Unauthenticated, _why);
    }

    /// <summary>It no longer holds: what goes on with it ends.</summary>
    internal void End(string why)
    {
        _why = why;
        _ended.Cancel();
    }

    private static string Words(Right right) => right switch
    {
        Right.Publish => "publish",
        Right.Watch => "watch",
        Right.Record => "read recordings of",
        Right.Process => "process",
        _ => "see inside the server",
    };
}

/// <summary>The caller of a call. Stateless.</summary>
internal static class CallerOfCall
{
    /// <summary>Who the call is from; nobody where nobody has looked.</summary>
    public static Caller Caller(this ServerCall call) => call.Identity as Caller ?? Access.Caller.Nobody("Nobody has looked who calls.");
}
