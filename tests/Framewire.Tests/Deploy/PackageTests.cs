using System.Text.RegularExpressions;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Deploy;

/// <summary>What deploy/ packs runs here, or needs nothing there that the documents do not name.</summary>
public sealed partial class PackageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    /// <summary>What every Debian has, and .NET asks for (docs/deployment.md).</summary>
    private static readonly string[] Named = ["libc.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6", "ld-linux-aarch64.so.1"];

    [Fact]
    public async Task A_container_s_steps_make_a_program_that_runs_from_where_they_put_it()
    {
        using var folder = new Folder();

        TestContext.Current.TestOutputHelper?.WriteLine(await ChildProcess.RunAsync(Repository.PathTo("deploy", "container-steps.sh"), [folder.Path], Patience));

        var program = Path.Combine(folder.Path, "opt", "framewire", "framewire");
        var port = ChildProcess.FreePort();
        await using var server = ChildProcess.Start(program, ["serve", "--listen", $"127.0.0.1:{port}", "--web", "none"], folder.Path, awaited: "Taking frames on");
        await server.SaidAsync(TimeSpan.FromSeconds(60));
        await ChildProcess.RunAsync(program, ["publish", "test", "--encode", "gray", "--size", "64x48", "--frames", "20", "--fps", "100", "--to", $"http://127.0.0.1:{port}"], TimeSpan.FromSeconds(60), folder.Path);
        await ChildProcess.RunAsync(program, ["doctor", $"http://127.0.0.1:{port}", "--quick"], TimeSpan.FromSeconds(60), folder.Path);

        // As systemd ends it.
        await Tool.RunAsync("kill", ["-TERM", $"{server.Id}"]);
        Assert.Equal(0, await server.ExitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task A_program_for_a_Pi_needs_nothing_that_is_not_named()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/readelf"), "binutils is not installed.");
        using var folder = new Folder();

        TestContext.Current.TestOutputHelper?.WriteLine(await ChildProcess.RunAsync(Repository.PathTo("deploy", "package.sh"), ["linux-arm64", folder.Path], Patience));

        var packed = Directory.GetFiles(Path.Combine(folder.Path, "linux-arm64"));
        Assert.Contains(packed, file => Path.GetFileName(file) == "framewire");
        foreach (var binary in packed.Where(IsElf))
        {
            Assert.Contains("AArch64", string.Join('\n', await Tool.LinesAsync("readelf", ["-h", binary])), StringComparison.Ordinal);
            var needed = (await Tool.LinesAsync("readelf", ["-d", binary])).Select(line => Library().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value).ToList();
            TestContext.Current.TestOutputHelper?.WriteLine($"{Path.GetFileName(binary)}: {string.Join(", ", needed)}");
            Assert.Empty(needed.Except(Named));
        }
    }

    private static bool IsElf(string path)
    {
        using var file = File.OpenRead(path);
        var magic = new byte[4];
        return file.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4 && magic.AsSpan().SequenceEqual("\x7fELF"u8);
    }

    [GeneratedRegex(@"\(NEEDED\).*\[(.+)\]")]
    private static partial Regex Library();
}
