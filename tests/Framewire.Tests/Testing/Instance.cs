using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;

namespace Framewire.Tests.Testing;

/// <summary>One instance of a processor at the far end of a call, which does as the test says. Owned by one test.</summary>
internal sealed class Instance : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ClientConnection _connection;
    private readonly ClientCall<AttachRequest, FrameOr<AttachResponse>> _call;

    private Instance(ClientConnection connection, ClientCall<AttachRequest, FrameOr<AttachResponse>> call) => (_connection, _call) = (connection, call);

    /// <summary>What it was told of sessions, newest last.</summary>
    public List<ProcessingStarted> Started { get; } = [];

    /// <summary>What it wants: every frame as it is, of every stream.</summary>
    public static Attach Wanting(string processor = "people", string streams = "*", Mode mode = Mode.Lossless, uint credit = 1, FrameForm? form = null) =>
        new() { Processor = processor, Streams = { streams }, Mode = mode, Credit = credit, Form = form };

    /// <summary>Attaches and waits until it is.</summary>
    public static async Task<Instance> AttachAsync(Uri server, Attach attach)
    {
        var connection = new ClientConnection(server, Clients.Options with { Wire = new() { MaxMessageBytes = 64 << 20 } });
        var call = connection.Start(ProcessingContract.Attach, new CallOptions { Timeout = TimeSpan.FromMinutes(2) });
        var instance = new Instance(connection, call);
        try
        {
            await call.Requests.WriteAsync(new AttachRequest { Attach = attach });
            Assert.True(await call.Responses.MoveNextAsync().AsTask().WaitAsync(Patience));
            Assert.NotNull(call.Responses.Current.Other!.Attached);
            return instance;
        }
        catch
        {
            await instance.DisposeAsync();
            throw;
        }
    }

    /// <summary>The next frame; null when the call has ended. The payload is copied.</summary>
    public async Task<(string Stream, ulong Sequence, byte[] Payload)?> NextAsync()
    {
        while (await _call.Responses.MoveNextAsync().AsTask().WaitAsync(Patience))
        {
            var (frame, other) = (_call.Responses.Current.Frame, _call.Responses.Current.Other!);
            if (other.Started is not null)
                Started.Add(other.Started);
            if (frame is null)
                continue;
            var seen = (other.Stream, frame.Sequence, frame.Payload.ToArray());
            frame.Release();
            return seen;
        }

        return null;
    }

    public Task AnswerAsync(string stream, ulong sequence, Result? result = null) =>
        _call.Requests.WriteAsync(new AttachRequest { Answer = new Answer { Stream = stream, Sequence = sequence, Result = result } }).AsTask();

    /// <summary>Answers every frame with its own sequence as the reply, until the call ends or so many are done.</summary>
    /// <returns>The sequences, in the order in which they came.</returns>
    public async Task<List<(string Stream, ulong Sequence)>> WorkAsync(int frames = int.MaxValue)
    {
        List<(string, ulong)> done = [];
        while (done.Count < frames && await NextAsync() is var (stream, sequence, _))
        {
            await AnswerAsync(stream, sequence, new Result { Reply = (int)sequence, Detections = { new Detection { Label = "person", Score = 0.5f } } });
            done.Add((stream, sequence));
        }

        return done;
    }

    /// <summary>Says that it is done for good.</summary>
    public async Task CompleteAsync() => await _call.CompleteAsync();

    /// <summary>The status with which the server ended the call.</summary>
    public async Task<GrpcException> FailureAsync() => await Assert.ThrowsAsync<GrpcException>(async () =>
    {
        while (await NextAsync() is not null)
        {
        }
    });

    /// <summary>Breaks the call off, as a crash does.</summary>
    public async ValueTask DisposeAsync()
    {
        await _call.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
