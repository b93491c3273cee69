using Framewire.Edge.Doctor;
using Framewire.Edge.Links;
using Framewire.Protocol.Wire;

namespace Framewire.Tests.Testing;

/// <summary>What an examination found. Stateless.</summary>
internal static class Examined
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Examines a server; quickly, unless something else is said.</summary>
    public static async Task<List<Finding>> RunAsync(Uri server, ClientConnectionOptions? options = null, ExaminationOptions? how = null)
    {
        List<Finding> findings = [];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        await foreach (var finding in new Examination(server, options ?? Clients.Options, how ?? new ExaminationOptions { Quick = true }).RunAsync(patience.Token))
            findings.Add(finding);
        foreach (var finding in findings)
            TestContext.Current.TestOutputHelper?.WriteLine(Cli.DoctorCommand.LineOf(finding));
        return findings;
    }

    /// <summary>Examines a server, which must fail in one check, by one cause, and not be checked above that.</summary>
    public static async Task<ConnectFailure> FailsAsync(string check, ConnectCause cause, Uri server, ClientConnectionOptions? options = null, ExaminationOptions? how = null)
    {
        var findings = await RunAsync(server, options, how);
        var failed = Assert.Single(findings, finding => finding.Verdict == Verdict.Failed);
        Assert.Equal((check, cause), (failed.Check, failed.Failure!.Cause));
        Assert.Contains($"{server.Host}", failed.Failure.What, StringComparison.Ordinal);
        Assert.NotEmpty(failed.Failure.Remedy);
        Assert.DoesNotContain('\n', failed.Failure.Message);
        return failed.Failure;
    }
}
