using System.Buffers;
using System.Runtime.CompilerServices;

namespace Framewire.Protocol.Wire.Http2;

/// <summary>The request's way out: HEADERS with the first bytes, then DATA frames as large as the server takes and its windows allow. By the call's writer.</summary>
internal sealed partial class Http2Exchange
{
    /// <summary>What is sent in one turn: other calls of the connection get theirs in between.</summary>
    private const int MaxTurnBytes = 512 * 1024;

    /// <summary>Sends these bytes, one after the other and uncopied, and the headers before them if they have not left yet. False if the call has ended.</summary>
    /// <remarks>Cancelling stops it between two turns. Within one it waits; a connection on which nothing moves is given up then.</remarks>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second, bool end, CancellationToken cancellation)
    {
        var connection = _connection!;
        do
        {
            var left = first.Length + second.Length;
            var turn = left == 0 ? 0 : await connection.Windows.TakeAsync(_window!, Math.Min(left, MaxTurnBytes), cancellation);
            if (left > 0 && turn == 0)
            {
                if (!HasBegun)
                    Refuse();
                return false;
            }
            try
            {
                await connection.Output.EnterAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                connection.Windows.Return(_window!, turn);
                throw;
            }
            try
            {
                if (!Begin(connection, end && left == 0))
                {
                    connection.Windows.Return(_window!, turn);
                    return false;
                }
                AddData(connection, first, second, turn, end && turn == left && left > 0);
                await SendTurnAsync(connection, cancellation);
            }
            finally
            {
                connection.Output.Exit();
            }
            var ofFirst = Math.Min(turn, first.Length);
            (first, second) = (first[ofFirst..], second[(turn - ofFirst)..]);
        }
        while (first.Length + second.Length > 0);
        if (end)
            EndRequest();
        return true;
    }

    /// <summary>Gives the call its number and adds its HEADERS, if it has none yet; false if it has ended. An end without bytes goes with them, or in an empty frame.</summary>
    private bool Begin(Http2Connection connection, bool end)
    {
        int number;
        lock (_lock)
        {
            if (_failure is not null || _sent || _received)
                return false;
            number = _number;
            if (number == 0)
                _number = connection.Streams.Register(this);
        }
        if (_number == 0)
        {
            Refuse();
            return false;
        }
        if (number == 0)
            AddHeaders(connection, end);
        else if (end)
            connection.Output.Add(new Http2Frame(0, Http2FrameType.Data, Http2Flags.EndStream, number));
        return true;
    }

    private void AddHeaders(Http2Connection connection, bool end)
    {
        var block = new ArrayBufferWriter<byte>(512);
        connection.WriteRequest(block, _request);
        var (rest, type) = (block.WrittenMemory, Http2FrameType.Headers);
        var flags = end ? Http2Flags.EndStream : Http2Flags.None;
        do
        {
            var part = rest[..Math.Min(rest.Length, connection.PeerMaxFrameBytes)];
            rest = rest[part.Length..];
            connection.Output.Add(new Http2Frame(part.Length, type, rest.IsEmpty ? flags | Http2Flags.EndHeaders : flags, _number), part);
            (type, flags) = (Http2FrameType.Continuation, Http2Flags.None);
        }
        while (!rest.IsEmpty);
    }

    private void AddData(Http2Connection connection, ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second, int turn, bool end)
    {
        for (var length = 0; turn > 0; turn -= length)
        {
            length = Math.Min(turn, connection.PeerMaxFrameBytes);
            var ofFirst = Math.Min(length, first.Length);
            var flags = end && length == turn ? Http2Flags.EndStream : Http2Flags.None;
            connection.Output.Add(new Http2Frame(length, Http2FrameType.Data, flags, _number), first[..ofFirst], second[..(length - ofFirst)]);
            (first, second) = (first[ofFirst..], second[(length - ofFirst)..]);
        }
    }

    private static async ValueTask SendTurnAsync(Http2Connection connection, CancellationToken cancellation)
    {
        var sending = connection.Output.SendAsync();
        if (sending.IsCompleted)
        {
            await sending;
            return;
        }
        using (cancellation.UnsafeRegister(static connection => _ = ((Http2Connection)connection!).EndIfStuckAsync(), connection))
            await sending;
    }

    private void EndRequest()
    {
        bool over;
        lock (_lock)
        {
            _sent = true;
            over = _received;
        }
        if (over)
            Release();
    }
}
