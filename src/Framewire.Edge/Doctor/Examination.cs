using System.Runtime.CompilerServices;
using Framewire.Protocol.Wire;

namespace Framewire.Edge.Doctor;

/// <summary>
/// Checks the way to a server from the bottom up, as far as it goes: names, TCP, TLS, HTTP/2, gRPC, rights, clocks, and how much fits through. What lies above
/// a failure is not checked. Owned by whoever made it; one run.
/// </summary>
/// <param name="server">The server's address.</param>
/// <param name="connection">How to connect, just as a publisher would.</param>
/// <param name="options">How to go about it.</param>
public sealed class Examination(Uri server, ClientConnectionOptions connection, ExaminationOptions options)
{
    /// <summary>What a check does: gives what it found, or throws why it failed.</summary>
    private delegate Task<string> Work(CancellationToken cancellation);

    /// <summary>Makes the checks one after the other, and gives each finding as it is made.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async IAsyncEnumerable<Finding> RunAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var network = new NetworkChecks(server, connection);
        await using var calls = new CallChecks(server, connection, network, options);
        (string Name, Work Work, TimeSpan Patience, bool IsVital)[] checks =
        [
            ("names", network.FindNameAsync, options.Patience, true),
            ("route", network.ConnectAsync, options.Patience, true),
            ("tls", network.ShakeHandsAsync, options.Patience, true),
            ("alpn", network.AgreeAsync, options.Patience, true),
            ("http/2", network.GreetAsync, options.Patience, true),
            ("grpc", calls.AskAsync, options.Patience, true),
            ("authorization", calls.CheckRightsAsync, options.Patience, true),
            ("clock", calls.CompareClocksAsync, options.Patience, true),
            ("round trip", calls.MeasureRoundTripAsync, options.Patience, false),
            ("message limit", calls.FindMessageLimitAsync, options.Patience * 3, false),
            ("throughput up", calls.MeasureUpAsync, options.Patience, false),
            ("throughput down", calls.MeasureDownAsync, options.Patience, false),
            ("idle", calls.BeIdleAsync, options.Idle + options.Patience, false),
        ];
        string? stopped = null;
        foreach (var (name, work, patience, isVital) in checks)
        {
            if (stopped is not null)
            {
                yield return new(name, Verdict.NotChecked, TimeSpan.Zero, $"since {stopped} failed");
                continue;
            }

            var (finding, goOn) = await MakeAsync(name, work, patience, cancellation).ConfigureAwait(false);
            if (!goOn && isVital)
                stopped = name;
            yield return finding;
        }
    }

    private async Task<(Finding Finding, bool GoOn)> MakeAsync(string name, Work work, TimeSpan patience, CancellationToken cancellation)
    {
        // Time-outs are of the world outside, whatever clock the certificates are compared with.
        using var timeout = new CancellationTokenSource(patience);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        var start = TimeProvider.System.GetTimestamp();
        TimeSpan Took() => TimeProvider.System.GetElapsedTime(start);
        try
        {
            var found = await work(either.Token).ConfigureAwait(false);
            return (new(name, Verdict.Ok, Took(), found), true);
        }
        catch (NotCheckedException e)
        {
            return (new(name, Verdict.NotChecked, Took(), e.Message), true);
        }
        catch (CheckFailedException e)
        {
            return (new(name, Verdict.Failed, Took(), e.Failure.What, e.Failure), e.GoOn);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            if (e is OperationCanceledException)
                e = new TimeoutException($"No answer within {patience.TotalSeconds:0.#} s.", e);
            var failure = NetworkChecks.Named(e, server);
            return (new(name, Verdict.Failed, Took(), failure.What, failure), false);
        }
    }
}
