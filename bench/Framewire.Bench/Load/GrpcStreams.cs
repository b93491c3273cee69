using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using Codec = Framewire.Protocol.Video.Codec;
using Frame = Framewire.Protocol.Video.Frame;

namespace Framewire.Bench.Load;

/// <summary>A stream in the seed's contract. One call.</summary>
internal sealed class AnalyseStream(ClientConnection connection, string name, FrameBuffer payload, LoadTally tally) : PacedStream(tally)
{
    private readonly ClientCall<FrameBuffer, int> _call = connection.Start(
        AnalyseContract.Analyse, new CallOptions { Headers = new Metadata { { "framewire-stream", name } } });

    /// <summary>Many servers say nothing before the first frame.</summary>
    public override Task OpenAsync(CancellationToken cancellation) => Task.CompletedTask;

    public override ValueTask DisposeAsync() => _call.DisposeAsync();

    protected override ValueTask SendAsync(CancellationToken cancellation) => _call.Requests.WriteAsync(payload, cancellation: cancellation);

    protected override async ValueTask ReceiveAsync(CancellationToken cancellation)
    {
        if (!await _call.Responses.MoveNextAsync(cancellation))
            throw new IOException("the server ended the call.");
    }
}

/// <summary>A stream in our own contract: a lean publisher, without windows, queues and reports. One call.</summary>
internal sealed class PublishStream(ClientConnection connection, string name, FrameBuffer payload, LoadTally tally) : PacedStream(tally)
{
    private readonly ClientCall<FrameOr<PublishRequest>, PublishResponse> _call = connection.Start(IngestContract.Publish);
    private ulong _sequence;

    public override async Task OpenAsync(CancellationToken cancellation)
    {
        var open = new Open
        {
            Stream = name,
            Session = Guid.NewGuid().ToString("N"),
            SessionStartedAtUnixMicros = Micros.Of(DateTimeOffset.UtcNow),
            Format = FormatCoding.ToWire(new StreamFormat(Codec.Jpeg, 1280, 720, 30)),
            Mode = Mode.Live,
            AckLevel = AckLevel.Received,
            NextSequence = 1,
            Agent = "bench",
        };
        await _call.Requests.WriteAsync(new(new PublishRequest { Open = open }), cancellation: cancellation);
        if (!await _call.Responses.MoveNextAsync(cancellation) || _call.Responses.Current.Opened is null)
            throw new IOException("the server did not open the stream.");
    }

    /// <summary>Sends one frame and waits for its ack.</summary>
    public async Task SendOneAsync(CancellationToken cancellation)
    {
        await SendAsync(cancellation);
        await ReceiveAsync(cancellation);
    }

    /// <summary>Says once a second that it is there, and reads what the server says, until cancelled.</summary>
    public async Task IdleAsync(CancellationToken cancellation)
    {
        async Task BeatAsync()
        {
            using var clock = new PeriodicTimer(TimeSpan.FromSeconds(1));
            while (await clock.WaitForNextTickAsync(cancellation))
            {
                var heartbeat = new Heartbeat { SentAtUnixMicros = Micros.Of(DateTimeOffset.UtcNow) };
                await _call.Requests.WriteAsync(new(new PublishRequest { Heartbeat = heartbeat }), cancellation: cancellation);
            }
        }

        await await Task.WhenAny(BeatAsync(), ReceiveAsync(cancellation).AsTask());
    }

    public override ValueTask DisposeAsync() => _call.DisposeAsync();

    protected override ValueTask SendAsync(CancellationToken cancellation)
    {
        var now = DateTimeOffset.UtcNow;
        var frame = new Frame { Sequence = ++_sequence, Pts = TimeSpan.FromSeconds(_sequence / 30.0), CapturedAt = now, IsKeyframe = true, Buffer = payload };
        return _call.Requests.WriteAsync(new(frame), cancellation: cancellation);
    }

    protected override async ValueTask ReceiveAsync(CancellationToken cancellation)
    {
        while (await _call.Responses.MoveNextAsync(cancellation))
        {
            if (_call.Responses.Current.Ack is { } ack)
            {
                if (ack.Rejection is { } rejection)
                    throw new IOException($"the server refused a frame: {rejection.Detail}.");
                return;
            }
        }

        throw new IOException("the server ended the call.");
    }
}
