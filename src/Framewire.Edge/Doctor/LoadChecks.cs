using System.Globalization;
using Framewire.Edge.Links;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;

namespace Framewire.Edge.Doctor;

/// <summary>How much fits through, and what becomes of what is quiet. Owned by one examination; one thread.</summary>
internal sealed class LoadChecks(
    Uri server, ClientConnectionOptions options, ExaminationOptions examination, ClientConnection connection, ProbeCalls probes, NetworkChecks network)
{
    private const int Mebibyte = 1024 * 1024;
    private const int SmallestMessage = 64 * 1024;

    /// <summary>For how long to send, or to watch.</summary>
    private static readonly TimeSpan Measuring = TimeSpan.FromSeconds(1.5);

    /// <summary>Messages on the way at the same time.</summary>
    private const int Together = 4;

    /// <summary>What is cut sooner than this may well cut a call between two heartbeats, which come each second.</summary>
    private static readonly TimeSpan ShortestIdle = TimeSpan.FromSeconds(5);

    private int _largest = Mebibyte;

    private string Place => $"{server.Host}:{server.Port}";

    /// <summary>Sends one message of the largest size, and smaller ones until one passes.</summary>
    public async Task<string> FindMessageLimitAsync(CancellationToken cancellation)
    {
        SkipIfQuick();
        var wanted = options.Wire.MaxMessageBytes;
        GrpcException? refusal = null;
        for (var size = wanted; size >= SmallestMessage; size /= 2)
        {
            try
            {
                await probes.AskAsync(size, cancellation).ConfigureAwait(false);
                _largest = size;
                break;
            }
            catch (GrpcException e)
            {
                refusal ??= e;
            }
            catch (OperationCanceledException) when (refusal is null && cancellation.IsCancellationRequested)
            {
                throw new NotCheckedException($"{Size(size)} take too long over this link");
            }
        }

        if (refusal is null)
            return $"{Size(wanted)} pass";
        throw new CheckFailedException(
            new(
                ConnectCause.MessageLimit,
                $"a message of {Size(wanted)} does not get through to {Place}, one of {Size(_largest)} does",
                "larger pictures would be refused: raise Server:Wire:MaxMessageBytes, or the limit of the proxy between (nginx: client_max_body_size 0).",
                refusal.Message),
            goOn: true);
    }

    /// <summary>Sends for a moment as fast as it goes.</summary>
    public async Task<string> MeasureUpAsync(CancellationToken cancellation)
    {
        SkipIfQuick();
        var (start, size, sent) = (TimeProvider.System.GetTimestamp(), Math.Min(Mebibyte, _largest), 0L);
        await Task.WhenAll(Enumerable.Range(0, Together).Select(_ => SendAsync())).ConfigureAwait(false);
        return Rate(sent, TimeProvider.System.GetElapsedTime(start));

        async Task SendAsync()
        {
            do
            {
                await probes.AskAsync(size, cancellation).ConfigureAwait(false);
                Interlocked.Add(ref sent, size);
            }
            while (TimeProvider.System.GetElapsedTime(start) < Measuring);
        }
    }

    /// <summary>Watches a stream that is live for a moment: nothing else at a server comes in any amount.</summary>
    public async Task<string> MeasureDownAsync(CancellationToken cancellation)
    {
        SkipIfQuick();
        if (!probes.MayWatch)
            throw new NotCheckedException("that needs the right to watch some stream");
        var list = await probes.ListAsync(0, cancellation).ConfigureAwait(false);
        if (list.Streams.FirstOrDefault(stream => stream.Online) is not { } live)
            throw new NotCheckedException("no stream is live that could be watched; publish one (framewire publish test)");
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var (start, bytes, missed) = (TimeProvider.System.GetTimestamp(), 0L, 0);
        enough.CancelAfter(Measuring);
        try
        {
            await foreach (var message in connection.ServerStreamingAsync(ViewingContract.Watch, new WatchRequest { Stream = live.Name }, cancellation: enough.Token).ConfigureAwait(false))
            {
                bytes += message.Frame?.Buffer.Memory.Length ?? 0;
                missed += message.Other?.Gap is null ? 0 : 1;
                message.Frame?.Release();
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // It is enough.
        }

        return $"stream '{live.Name}' comes with {Rate(bytes, TimeProvider.System.GetElapsedTime(start))}, {(missed == 0 ? "whole" : "with gaps")}";
    }

    /// <summary>Keeps a call that has heartbeats only, and a connection on which nothing is said at all.</summary>
    public async Task<string> BeIdleAsync(CancellationToken cancellation)
    {
        SkipIfQuick();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        enough.CancelAfter(examination.Idle);
        var call = probes.MayWatch ? WaitAsync(enough.Token) : Task.FromResult("");
        using var quiet = await network.OpenQuietAsync(cancellation).ConfigureAwait(false);
        TimeSpan? ended = null;
        try
        {
            ended = await quiet.ListenAsync(enough.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Nobody has cut it.
        }

        var kept = await call.ConfigureAwait(false);
        if (ended is not { } after)
            return $"{kept}a connection without a word was kept for {Seconds(examination.Idle)}";
        return after >= ShortestIdle
            ? $"{kept}a connection without a word was closed after {Seconds(after)}, which heartbeats each second prevent"
            : throw Cut($"a connection to {Place} without a word was cut after {Seconds(after)}", "the connection ended");
    }

    /// <summary>Watches a stream that does not come: the server says that it is alive, each second.</summary>
    private async Task<string> WaitAsync(CancellationToken enough)
    {
        var list = await probes.ListAsync(0, enough).ConfigureAwait(false);
        var quiet = list.Streams.FirstOrDefault(stream => !stream.Online)?.Name ?? list.Streams.FirstOrDefault()?.Name ?? "framewire-doctor";
        var start = TimeProvider.System.GetTimestamp();
        try
        {
            await foreach (var message in connection.ServerStreamingAsync(ViewingContract.Watch, new WatchRequest { Stream = quiet, Wait = true }, cancellation: enough).ConfigureAwait(false))
                message.Frame?.Release();
            return "";
        }
        catch (OperationCanceledException)
        {
            return $"a call with heartbeats only was kept for {Seconds(examination.Idle)}; ";
        }
        catch (GrpcException e) when (e.Status.Code is GrpcStatusCode.PermissionDenied)
        {
            return "";
        }
        catch (GrpcException e)
        {
            throw Cut($"a call to {Place} with heartbeats only was cut after {Seconds(TimeProvider.System.GetElapsedTime(start))}", e.Message);
        }
    }

    private void SkipIfQuick()
    {
        if (examination.Quick)
            throw new NotCheckedException("left out by --quick");
    }

    private static CheckFailedException Cut(string what, string raw) => new(
        new(ConnectCause.IdleCut, what, "raise the idle time-outs of what lies between to a minute or more (nginx: grpc_read_timeout; HAProxy: timeout client, server, tunnel).", raw),
        goOn: true);

    private static string Rate(long bytes, TimeSpan took) => string.Create(CultureInfo.InvariantCulture, $"{bytes / took.TotalSeconds / 1e6:0.0} MB/s");

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");

    private static string Size(int bytes) => bytes >= Mebibyte ? $"{bytes / Mebibyte} MiB" : $"{bytes / 1024} KiB";
}
