using System.CommandLine;
using System.Globalization;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Server.Recording;

namespace Framewire.Cli.Recordings;

/// <summary>Where recordings are: in a folder here, or at a server. Owned by one command.</summary>
internal sealed class RecordingsPlace : IAsyncDisposable
{
    public static readonly Option<string> Server = new("--server") { HelpName = "URL", Description = "The server that has the recordings. Default: the folder --data on this machine." };
    public static readonly Option<string> Data = new("--data") { HelpName = "DIR", Description = "The folder of recordings on this machine. Default: recordings." };
    public static readonly Option<string> From = new("--from") { HelpName = "TIME", Description = "From when: 2026-11-25T14:00:05 or 14:00 (today), local time unless it ends in Z or +02:00. Default: the beginning." };
    public static readonly Option<string> To = new("--to", "--until") { HelpName = "TIME", Description = "Until when, exclusive. Default: the end." };
    public static readonly Argument<string> Stream = new("STREAM") { Description = "The stream's name; 'framewire recordings list' lists them." };

    private readonly LocalRecordings? _local;
    private readonly ClientConnection? _server;

    private RecordingsPlace(LocalRecordings? local, ClientConnection? server) => (_local, _server) = (local, server);

    /// <summary>The place that a command line names.</summary>
    public static RecordingsPlace Open(ParseResult parsed, Settings settings, Terminal terminal)
    {
        if (parsed.GetValue(Server) is not { } url)
            return new(LocalRecordings.Open(parsed.GetValue(Data) ?? settings.Server().Recording.Directory, terminal.CreateLogger("recordings")), null);
        if (parsed.GetValue(Data) is not null)
            throw new UsageException("--server and --data are two places: give one of them.");
        var server = ClientOptions.ParseUrl(url, "--server");
        return new(null, new ClientConnection(server, ClientOptions.Connection(parsed, settings, server)));
    }

    /// <summary>Every recording.</summary>
    public async Task<ListResponse> ListAsync(CancellationToken cancellation) => _local is not null
        ? _local.List()
        : await ClientOptions.ExplainAsync(_server!, () => _server!.UnaryAsync(
            RecordingsContract.List, new ListRequest(), new CallOptions { Timeout = TimeSpan.FromSeconds(10) }, cancellation), Service);

    /// <summary>The frames captured in a span of time, from the keyframe at or before its beginning on; whoever takes one holds it.</summary>
    public IAsyncEnumerable<RecordedFrame> ReadAsync(string stream, ParseResult parsed, double speed, CancellationToken cancellation)
    {
        var (from, until) = SpanOf(parsed);
        return _local is not null
            ? Paced(_local.Read(stream, from ?? DateTimeOffset.MinValue, until ?? DateTimeOffset.MaxValue), speed, cancellation)
            : FromServerAsync(stream, from, until, speed, cancellation);
    }

    /// <summary>Where something is.</summary>
    public async Task<FindResponse> FindAsync(FindRequest request, CancellationToken cancellation) => _local is not null
        ? _local.Find(request, cancellation)
        : await ClientOptions.ExplainAsync(_server!, () => _server!.UnaryAsync(
            RecordingsContract.Find, request, new CallOptions { Timeout = TimeSpan.FromMinutes(10) }, cancellation), Service);

    public async ValueTask DisposeAsync()
    {
        _local?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    /// <summary>The span of time that a command line names; null for an end that it does not.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    internal static (DateTimeOffset? From, DateTimeOffset? Until) SpanOf(ParseResult parsed)
    {
        var (from, until) = (TimeOf(parsed.GetValue(From), "--from"), TimeOf(parsed.GetValue(To), "--to"));
        return from >= until ? throw new UsageException("--to must be later than --from.") : (from, until);
    }

    /// <summary>Reads a time as people write it.</summary>
    internal static DateTimeOffset? TimeOf(string? text, string option)
    {
        if (text is null)
            return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time)
            ? time
            : throw new UsageException($"{option} '{text}' is not a time: give 2026-11-25T14:00:05, or 14:00 for today, with Z at its end for UTC.");
    }

    private const string Service = "framewire.v1.Recordings; does the server record (framewire serve --record)?";

    private static async IAsyncEnumerable<RecordedFrame> Paced(
        IEnumerable<RecordedFrame> frames, double speed, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        DateTimeOffset? last = null;
        foreach (var frame in frames)
        {
            if (speed > 0 && last is { } before && frame.Frame.CapturedAt - before is var since && since > TimeSpan.Zero)
                await Task.Delay(since < LongestPause ? since / speed : LongestPause / speed, cancellation);
            last = frame.Frame.CapturedAt;
            cancellation.ThrowIfCancellationRequested();
            yield return frame;
        }
    }

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private async IAsyncEnumerable<RecordedFrame> FromServerAsync(
        string stream, DateTimeOffset? from, DateTimeOffset? until, double speed,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var request = new ReadRequest { Stream = stream, Speed = speed, UntilUnixMicros = until is { } end ? Micros.Of(end) : 0 };
        if (from is { } start)
            request.FromUnixMicros = Micros.Of(start);
        await using var messages = _server!.ServerStreamingAsync(RecordingsContract.Read, request, cancellation: cancellation).GetAsyncEnumerator(cancellation);
        ReadStarted? started = null;
        while (await ClientOptions.ExplainAsync(_server, () => messages.MoveNextAsync().AsTask(), Service))
        {
            started = messages.Current.Other?.Started ?? started;
            if (messages.Current.Frame is { } frame)
                yield return new RecordedFrame(started!.Session, FormatCoding.FromWire(started.Format, out _) ?? throw new IOException("the server's format makes no sense."), frame);
        }
    }
}
