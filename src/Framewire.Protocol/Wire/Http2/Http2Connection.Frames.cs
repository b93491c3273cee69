using System.Buffers;
using System.Buffers.Binary;

namespace Framewire.Protocol.Wire.Http2;

/// <summary>What the connection does with each frame that comes in (RFC 9113 section 6). On the reading loop only.</summary>
internal sealed partial class Http2Connection
{
    private readonly ArrayBufferWriter<byte> _block = new(1024);
    private int _unreturned;

    private async ValueTask HandleAsync(Http2Frame frame)
    {
        if (frame.Length > MaxFrameBytes)
            throw Broken(Http2Error.FrameSizeError, $"a frame of {frame.Length} bytes, which is more than was offered");
        switch (frame.Type)
        {
            case Http2FrameType.Data:
                await OnDataAsync(frame);
                break;
            case Http2FrameType.Headers:
                await OnHeadersAsync(frame);
                break;
            case Http2FrameType.PushPromise or Http2FrameType.Continuation:
                throw Broken(Http2Error.ProtocolError, $"a {frame.Type} frame where there may be none");
            case Http2FrameType.Settings or Http2FrameType.Ping or Http2FrameType.GoAway or Http2FrameType.WindowUpdate or Http2FrameType.ResetStream:
                OnControl(frame, (await _input.ReadAsync(frame.Length)).Span);
                break;
            default:
                // PRIORITY, which means nothing any more, and what is not known (section 5.5).
                await _input.SkipAsync(frame.Length);
                break;
        }
    }

    private async ValueTask OnDataAsync(Http2Frame frame)
    {
        var exchange = Find(frame);
        var padding = frame.Has(Http2Flags.Padded) ? 1 + (await _input.ReadAsync(1)).Span[0] : 0;
        if (padding > frame.Length)
            throw Broken(Http2Error.ProtocolError, "more padding than frame");
        var length = frame.Length - padding;
        if (exchange is not null && exchange.TakesData(frame.Length))
            await exchange.ReceiveAsync(_input, length);
        else
            await _input.SkipAsync(length);
        await _input.SkipAsync(Math.Max(padding - 1, 0));
        if (padding > 0)
            exchange?.ReturnWindow(padding);
        if (frame.Has(Http2Flags.EndStream))
            exchange?.EndBody();
        _unreturned += frame.Length;
        if (_unreturned > ConnectionWindowBytes)
            throw Broken(Http2Error.FlowControlError, "more than the window of the connection");
        if (_unreturned < ConnectionWindowBytes / 4)
            return;
        GrowWindow(0, _unreturned);
        _unreturned = 0;
    }

    private async ValueTask OnHeadersAsync(Http2Frame frame)
    {
        // Even of a call that has ended: the block may change the table for the next ones.
        var exchange = Find(frame);
        var limit = _options.MaxResponseHeadersKibibytes * 1024;
        _block.ResetWrittenCount();
        var payload = await _input.ReadAsync(frame.Length);
        _block.Write(WithoutPadding(frame, payload.Span));
        for (var part = frame; !part.Has(Http2Flags.EndHeaders);)
        {
            part = await _input.ReadFrameAsync() ?? throw new EndOfStreamException("The server closed the connection in the middle of headers.");
            // An endless block, or one in endless empty pieces, would never end (CVE-2024-27316).
            if (part.Type != Http2FrameType.Continuation || part.Stream != frame.Stream || part.Length == 0 || part.Length > MaxFrameBytes)
                throw Broken(Http2Error.ProtocolError, "headers that are not continued as they should be");
            if (_block.WrittenCount + part.Length > Math.Max(limit, MaxFrameBytes) * 2)
                throw Broken(Http2Error.EnhanceYourCalm, "headers without an end");
            _block.Write((await _input.ReadAsync(part.Length)).Span);
        }
        var headers = new ReceivedHeaders(limit);
        _headers.Read(_block.WrittenSpan, headers.Add);
        exchange?.ReceiveHeaders(headers, frame.Has(Http2Flags.EndStream));
    }

    private static ReadOnlySpan<byte> WithoutPadding(Http2Frame frame, ReadOnlySpan<byte> payload)
    {
        var (before, after) = (0, 0);
        if (frame.Has(Http2Flags.Padded) && payload.Length > 0)
            (before, after) = (1, payload[0]);
        if (frame.Has(Http2Flags.Priority))
            before += 5;
        return before + after <= payload.Length ? payload[before..^after] : throw Broken(Http2Error.ProtocolError, "more padding than headers");
    }

    private void OnControl(Http2Frame frame, ReadOnlySpan<byte> payload)
    {
        var expected = frame.Type switch
        {
            Http2FrameType.Ping => frame.Length == 8 && frame.Stream == 0,
            Http2FrameType.GoAway => frame.Length >= 8 && frame.Stream == 0,
            Http2FrameType.Settings => frame.Length % 6 == 0 && frame.Stream == 0,
            Http2FrameType.ResetStream => frame.Length == 4 && frame.Stream != 0,
            _ => frame.Length == 4,
        };
        if (!expected)
            throw Broken(Http2Error.FrameSizeError, $"a {frame.Type} frame of {frame.Length} bytes on stream {frame.Stream}");
        switch (frame.Type)
        {
            case Http2FrameType.Settings when !frame.Has(Http2Flags.Acknowledgement):
                ApplySettings(payload);
                break;
            case Http2FrameType.Ping when !frame.Has(Http2Flags.Acknowledgement):
                Queue(frame with { Flags = Http2Flags.Acknowledgement }, payload);
                break;
            case Http2FrameType.WindowUpdate:
                OnWindowUpdate(frame, BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue);
                break;
            case Http2FrameType.ResetStream:
                Find(frame)?.ReceiveReset((Http2Error)BinaryPrimitives.ReadUInt32BigEndian(payload));
                break;
            case Http2FrameType.GoAway:
                OnGoAway(payload);
                break;
        }
    }

    private void OnWindowUpdate(Http2Frame frame, int more)
    {
        var exchange = frame.Stream == 0 ? null : Find(frame);
        if (frame.Stream == 0 && (more == 0 || !Windows.TryGrow(null, more)))
            throw Broken(more == 0 ? Http2Error.ProtocolError : Http2Error.FlowControlError, $"a WINDOW_UPDATE of {more} for the connection");
        exchange?.ReceiveWindow(more);
    }

    private void OnGoAway(ReadOnlySpan<byte> payload)
    {
        var last = BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue;
        var error = (Http2Error)BinaryPrimitives.ReadUInt32BigEndian(payload[4..]);
        if (error != Http2Error.NoError)
        {
            var why = new string([.. payload[8..Math.Min(payload.Length, 200)].ToArray().Select(eight => eight is >= 32 and < 127 ? (char)eight : '?')]);
            Interlocked.CompareExchange(ref _failure, new HttpProtocolException((long)error, why.Length > 0 ? why : "the server ended the connection.", null), null);
        }
        foreach (var exchange in Streams.Close(last))
            exchange.Refuse();
        if (Streams.Count == 0)
            End(null);
    }

    private void ApplySettings(ReadOnlySpan<byte> payload)
    {
        for (; !payload.IsEmpty; payload = payload[6..])
        {
            var value = BinaryPrimitives.ReadUInt32BigEndian(payload[2..]);
            switch ((Http2Setting)BinaryPrimitives.ReadUInt16BigEndian(payload))
            {
                case Http2Setting.EnablePush when value != 0:
                    throw Broken(Http2Error.ProtocolError, "a server that wants to be pushed to");
                case Http2Setting.MaxConcurrentStreams:
                    Streams.SetMost(value);
                    break;
                case Http2Setting.InitialWindowSize when value > int.MaxValue || !Windows.TrySetInitial((int)value):
                    throw Broken(Http2Error.FlowControlError, $"an initial window of {value}");
                case Http2Setting.MaxFrameSize:
                    PeerMaxFrameBytes = value is >= 16_384 and <= 16_777_215 ? (int)value : throw Broken(Http2Error.ProtocolError, $"frames of at most {value} bytes");
                    break;
            }
        }
        Queue(new Http2Frame(0, Http2FrameType.Settings, Http2Flags.Acknowledgement, 0), default);
    }

    /// <summary>The call that a frame is for; null if it has ended.</summary>
    private Http2Exchange? Find(Http2Frame frame) => Streams.TryFind(frame.Stream, out var exchange)
        ? exchange
        : throw Broken(Http2Error.ProtocolError, $"a {frame.Type} frame on stream {frame.Stream}, which was never opened");

    private static HttpProtocolException Broken(Http2Error error, string what) => new((long)error, $"the server sent {what}.", null);
}
