using Framewire.Server.Access;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Access;

/// <summary><c>framewire token</c>, and tokens on the command line of the others, as users run them.</summary>
public sealed class TokenCommandTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Tokens => _folder["tokens.json"];

    private async Task<(int Code, string Output, string Errors)> TokenAsync(params string[] arguments) => await FramewireProcess.RunAsync(["token", .. arguments, "--file", Tokens]);

    [Fact]
    public async Task Made_used_listed_and_revoked()
    {
        var created = await TokenAsync("create", "--name", "front door", "--publish", "front-door", "--watch", "front-door", "--expires", "30d");
        var token = created.Output.Trim();
        await File.WriteAllTextAsync(_folder["token"], token);
        var port = ChildProcess.FreePort();
        await using var server = await FramewireProcess.ServeAsync(port, "--tokens", Tokens);
        string[] publish = ["publish", "test", "--to", $"http://127.0.0.1:{port}", "--size", "64x48", "--frames", "5", "--wait", "20"];

        var without = await FramewireProcess.RunAsync([.. publish, "--stream", "front-door"]);
        var with = await FramewireProcess.RunAsync([.. publish, "--stream", "front-door", "--token-file", _folder["token"]]);
        var elsewhere = await FramewireProcess.RunAsync([.. publish, "--stream", "garden", "--token-file", _folder["token"]]);
        await using var byEnvironment = FramewireProcess.Start(new Dictionary<string, string> { ["FRAMEWIRE_TOKEN"] = token }, "streams", "--from", $"http://127.0.0.1:{port}");
        var streams = await byEnvironment.EndAsync();
        var list = await TokenAsync("list");
        var revoked = await TokenAsync("revoke", TokenFile.Read(Tokens)[0].Id);
        await server.SaysAsync("again: 0 entries");
        var after = await FramewireProcess.RunAsync([.. publish, "--stream", "front-door", "--token-file", _folder["token"]]);

        Assert.Equal((0, 1), (created.Code, without.Code));
        Assert.Contains("--token-file", without.Errors, StringComparison.Ordinal);
        Assert.Equal((0, 1), (with.Code, elsewhere.Code));
        Assert.Contains("no right to publish stream 'garden'", elsewhere.Errors, StringComparison.Ordinal);
        Assert.Contains("front-door", streams.Output, StringComparison.Ordinal);
        Assert.Contains("front door", list.Output, StringComparison.Ordinal);
        Assert.Equal((0, 1), (revoked.Code, after.Code));
        Assert.Contains("revoked", after.Errors, StringComparison.Ordinal);
        foreach (var text in new[] { list.Output, server.Errors, without.Errors, with.Errors, elsewhere.Errors, after.Errors, await File.ReadAllTextAsync(Tokens) })
            Assert.DoesNotContain(token, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signal_reads_the_settings_again_and_tells_every_mistake()
    {
        await using var server = FramewireProcess.StartIn(_folder.Path, "serve", "--listen", "127.0.0.1:0", "--web", "none");
        await server.SaysAsync("Taking frames on");

        await File.WriteAllTextAsync(_folder["appsettings.json"], """{"Server": {"Streams": {"MaxStreams": 0}, "Ingest": {"SilenceLimit": "00:00:00"}}}""");
        await server.SignalAsync("HUP");
        await server.SaysAsync("The settings are wrong");
        await File.WriteAllTextAsync(_folder["appsettings.json"], """{"Server": {"Streams": {"MaxStreams": 7}}}""");
        await server.SignalAsync("HUP");
        await server.SaysAsync("restart for what has changed: Streams");
        await server.SignalAsync("INT");

        Assert.Equal(0, (await server.EndAsync()).Code);
        var told = server.Errors.Split('\n').Single(line => line.StartsWith("The settings are wrong", StringComparison.Ordinal));
        Assert.Contains("MaxStreams", told, StringComparison.Ordinal);
        Assert.Contains("SilenceLimit", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no right", "create")]
    [InlineData("can match no stream", "create", "--publish", "../etc")]
    [InlineData("not a length of time", "create", "--watch", "*", "--expires", "soon")]
    [InlineData("There is no token", "revoke", "abcdefgh")]
    [InlineData("cannot be read", "create", "--watch", "*", "--certificate", "nothing.pem")]
    public async Task A_mistake_is_told_and_changes_nothing(string told, params string[] arguments)
    {
        TokenFile.Write(Tokens, []);

        var (code, output, errors) = await TokenAsync(arguments);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(told, errors, StringComparison.Ordinal);
        Assert.Empty(TokenFile.Read(Tokens));
    }
}
