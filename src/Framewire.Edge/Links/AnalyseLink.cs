using System.Collections.Concurrent;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;

namespace Framewire.Edge.Links;

/// <summary>
/// A link in the seed's contract, <c>video.Analyse</c>: bare pictures, answered in order. It knows no sessions, so after a
/// reconnect every unacknowledged picture is sent again, and no heartbeats.
/// </summary>
internal sealed class AnalyseLink : PublishLink
{
    private static readonly int MaxPictureBytes = new WireOptions().MaxMessageBytes - 16;

    private readonly ClientCall<FrameBuffer, int> _call;
    private readonly ConcurrentQueue<ulong> _unanswered = new();

    public AnalyseLink(ClientConnection connection, string stream)
    {
        var headers = new Metadata();
        headers.Add("framewire-stream", stream);
        _call = connection.Start(AnalyseContract.Analyse, new CallOptions { Headers = headers });
    }

    public override bool HasHeartbeats => false;

    /// <summary>The contract has no greeting: whether somebody is there shows with the first picture.</summary>
    public override Task<LinkTerms> OpenAsync(ulong nextSequence, CancellationToken cancellation) =>
        Task.FromResult(new LinkTerms(new SequenceSet(), MaxPictureBytes, RoundTrip: null));

    public override async Task SendAsync(Frame frame, IReadOnlyList<Gap> gaps, CancellationToken cancellation)
    {
        _unanswered.Enqueue(frame.Sequence);
        await _call.Requests.WriteAsync(frame.Buffer, cancellation: cancellation).ConfigureAwait(false);
    }

    public override Task SendReportAsync(Func<SelfReport> take, CancellationToken cancellation) => Task.CompletedTask;

    public override Task SendGapsAsync(IReadOnlyList<Gap> gaps, CancellationToken cancellation) => Task.CompletedTask;

    public override Task CompleteAsync() => _call.CompleteAsync();

    public override async ValueTask<ServerWord?> ReceiveAsync(CancellationToken cancellation)
    {
        if (!await _call.Responses.MoveNextAsync(cancellation).ConfigureAwait(false))
            return null;
        return _unanswered.TryDequeue(out var sequence)
            ? new ServerWord.Acknowledged(sequence, Duplicate: false)
            : throw new GrpcException(GrpcStatusCode.Internal, "The server sent more replies than it was sent pictures.");
    }

    public override ValueTask DisposeAsync() => _call.DisposeAsync();
}
