using Framewire.Protocol.Wire;

namespace Framewire.Edge.Links;

/// <summary>Whether a broken link is worth another try, and what to tell a person about it.</summary>
/// <param name="CanHeal">Whether trying again can help without anybody changing anything.</param>
/// <param name="ServerFound">Whether anything answered at all.</param>
/// <param name="Message">What happened, to what, and what to do next, on one line.</param>
public sealed record LinkFailure(bool CanHeal, bool ServerFound, string Message)
{
    /// <summary>Judges a failure.</summary>
    /// <param name="failure">What the call threw.</param>
    /// <param name="server">The server's address.</param>
    /// <param name="wasUp">Whether this server has ever answered properly: then only its own clear word ends the trying.</param>
    /// <param name="unknownMethod">What to say of a server that does not know the method: the service, and what to do.</param>
    public static LinkFailure Of(GrpcException failure, Uri server, bool wasUp, string unknownMethod)
    {
        if (ConnectFailure.OfTransport(failure, server) is { } transport)
            return new(wasUp || transport.CanHeal, transport.ServerFound, transport.Message);

        var place = $"{server.Host}:{server.Port}";
        var said = failure.Status.Message;
        return ConnectFailure.OfAnswer(failure, server, unknownMethod) switch
        {
            // Also HTTP status 404: what a proxy says while the server behind it restarts.
            { Cause: ConnectCause.NotFramewire or ConnectCause.NotGrpc } answer when !wasUp => new(failure.Status.Code is GrpcStatusCode.Unavailable, true, answer.Message),
            { Cause: ConnectCause.ProxyWithoutServer } answer => new(true, true, answer.Message),
            // A token that has expired may be renewed by whoever looks after this machine, which may be far away.
            { Cause: ConnectCause.TokenMissing or ConnectCause.TokenRefused } when wasUp => new(true, true, $"{place} does not let this program in any more: {said}"),
            { Cause: ConnectCause.TokenMissing or ConnectCause.TokenRefused or ConnectCause.NoRight } answer => new(false, true, answer.Message),
            _ => OfStatus(failure.Status, place, wasUp),
        };
    }

    private static LinkFailure OfStatus(GrpcStatus status, string place, bool wasUp) => status.Code switch
    {
        GrpcStatusCode.InvalidArgument or GrpcStatusCode.FailedPrecondition or GrpcStatusCode.Aborted => new(false, true, $"{place} refused: {status.Message}"),
        GrpcStatusCode.Internal or GrpcStatusCode.Unknown when !wasUp => new(
            false, true, $"{place} answers, but not as a gRPC server should ({status.Code}: {status.Message}); check the address and port."),
        var code => new(true, true, $"{place}: {status.Message} ({code})"),
    };
}
