using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Google.Protobuf;

namespace Framewire.Edge.Doctor;

/// <summary>
/// Calls that ask a server for an answer of any size and leave nothing behind: the list of streams, where that may be read, or else a session that is offered
/// without a name, which a server refuses. What makes them large is a field that no server knows. Owned by one examination; any thread.
/// </summary>
internal sealed class ProbeCalls(ClientConnection connection)
{
    /// <summary>The number of a field that neither message has.</summary>
    private const int PaddingField = 1000;

    /// <summary>Room for what is around the padding.</summary>
    private const int AroundBytes = 64;

    /// <summary>Whether the list of streams may be read.</summary>
    public bool MayWatch { get; set; }

    /// <summary>Asks with a message of this size, and waits for the answer.</summary>
    /// <returns>The list; null if it may not be read.</returns>
    /// <exception cref="GrpcException">There is no answer.</exception>
    public async Task<ListStreamsResponse?> AskAsync(int bytes, CancellationToken cancellation)
    {
        if (MayWatch)
            return await ListAsync(bytes, cancellation).ConfigureAwait(false);
        if (await OfferNothingAsync(bytes, cancellation).ConfigureAwait(false) is { } refusal)
            throw refusal;
        return null;
    }

    /// <summary>Asks for the list of streams.</summary>
    public Task<ListStreamsResponse> ListAsync(int bytes, CancellationToken cancellation) =>
        connection.UnaryAsync(ViewingContract.ListStreams, ListStreamsRequest.Parser.ParseFrom(Padding(bytes)), cancellation: cancellation);

    /// <summary>Offers a session without a name. Null if the server said just that, which who may not publish is not told.</summary>
    public async Task<GrpcException?> OfferNothingAsync(int bytes, CancellationToken cancellation)
    {
        await using var call = connection.Start(IngestContract.Publish, cancellation: cancellation);
        try
        {
            var offer = PublishRequest.Parser.ParseFrom(Padding(bytes));
            offer.Open = new Open();
            await SendOnlyAsync(call, offer, cancellation).ConfigureAwait(false);
            await call.Responses.MoveNextAsync(cancellation).ConfigureAwait(false);
            return new GrpcException(GrpcStatusCode.Internal, "The server took a session without a name.");
        }
        catch (GrpcException e) when (e.Status.Code == GrpcStatusCode.InvalidArgument)
        {
            return null;
        }
        catch (GrpcException e)
        {
            return e;
        }
    }

    private static async Task SendOnlyAsync(ClientCall<FrameOr<PublishRequest>, PublishResponse> call, PublishRequest offer, CancellationToken cancellation)
    {
        try
        {
            await call.Requests.WriteAsync(new(offer), flush: false, cancellation).ConfigureAwait(false);
        }
        catch (GrpcException e) when (!e.Unprocessed)
        {
            // The server need not read a request to answer it. Its answer says more.
        }

        await call.CompleteAsync().ConfigureAwait(false);
    }

    private static byte[] Padding(int bytes)
    {
        if (bytes <= AroundBytes)
            return [];
        using var padded = new MemoryStream(bytes);
        using (var output = new CodedOutputStream(padded, leaveOpen: true))
        {
            output.WriteTag(PaddingField, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(new byte[bytes - AroundBytes]));
        }

        return padded.ToArray();
    }
}
