using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;

namespace Framewire.Server.Wire;

/// <summary>
/// Watches a connection's incoming bytes go by, counts the HTTP/2 frames that cost us an answer and the client nothing, and ends the connection when there are too many. Kestrel
/// answers every one. One for a connection, inside TLS; used by Kestrel's reading loop only.
/// </summary>
/// <remarks>
/// RFC 9113 section 4.1, and section 10.5 for why:
/// <code>
///   | length (24 bits) | type 8 | flags 8 | 0 | stream (31 bits) | payload ...     type: 0 DATA, 2 PRIORITY, 4 SETTINGS, 6 PING
/// </code>
/// </remarks>
internal sealed class FloodGuard(PipeReader inner, ControlFrameBudget budget) : PipeReader
{
    private const int HeaderLength = 9;
    private const int PrefaceLength = 24;

    private readonly byte[] _header = new byte[HeaderLength];
    private ReadOnlySequence<byte> _buffer;
    private int _headerBytes;
    private long _skip = PrefaceLength;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => Seen(await inner.ReadAsync(cancellationToken));

    public override bool TryRead(out ReadResult result)
    {
        var read = inner.TryRead(out result);
        if (read)
            Seen(result);
        return read;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var flooded = !_buffer.IsEmpty && !Watch(_buffer.Slice(_buffer.Start, consumed));
        _buffer = default;
        inner.AdvanceTo(consumed, examined);
        if (flooded)
            throw new ConnectionAbortedException("The client floods the connection with HTTP/2 control frames.");
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    private ReadResult Seen(ReadResult result)
    {
        _buffer = result.Buffer;
        return result;
    }

    /// <summary>Walks from one HTTP/2 frame header to the next; false if the budget is used up.</summary>
    private bool Watch(ReadOnlySequence<byte> consumed)
    {
        while (!consumed.IsEmpty)
        {
            if (_skip > 0)
            {
                var skipped = Math.Min(_skip, consumed.Length);
                _skip -= skipped;
                consumed = consumed.Slice(skipped);
                continue;
            }
            var taken = (int)Math.Min(HeaderLength - _headerBytes, consumed.Length);
            consumed.Slice(0, taken).CopyTo(_header.AsSpan(_headerBytes));
            consumed = consumed.Slice(taken);
            _headerBytes += taken;
            if (_headerBytes < HeaderLength)
                return true;
            _headerBytes = 0;
            _skip = (_header[0] << 16) | (_header[1] << 8) | _header[2];
            if (IsFreeForTheClient() && !budget.TrySpend())
                return false;
        }
        return true;
    }

    private bool IsFreeForTheClient()
    {
        const byte Data = 0, Priority = 2, Settings = 4, Ping = 6, EndStreamOrAck = 1;
        var flagged = (_header[4] & EndStreamOrAck) != 0;
        return _header[3] switch
        {
            Priority => true,
            Settings or Ping => !flagged,
            Data => _skip == 0 && !flagged,
            _ => false,
        };
    }
}

/// <summary>How many more control frames a connection may send: a bucket that fills again with time. Owned by its guard; one thread.</summary>
internal sealed class ControlFrameBudget(int burst, int perSecond, TimeProvider time)
{
    private double _left = burst;
    private long _last = time.GetTimestamp();

    public bool TrySpend()
    {
        var now = time.GetTimestamp();
        _left = Math.Min(burst, _left + (time.GetElapsedTime(_last, now).TotalSeconds * perSecond));
        _last = now;
        if (_left < 1)
            return false;
        _left--;
        return true;
    }
}
