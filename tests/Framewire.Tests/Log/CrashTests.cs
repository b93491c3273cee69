using System.Diagnostics;
using System.Reflection;
using Framewire.Protocol.Log;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Log;

/// <summary>A full disk, and a process that dies while it writes.</summary>
public sealed class CrashTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_full_disk_leaves_a_good_file_and_the_writer_goes_on_when_there_is_room()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can mount a small disk.");
        await Tool.RunAsync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", _folder.Path]);
        try
        {
            WriteOnAFullDisk();
        }
        finally
        {
            await Tool.RunAsync("umount", [_folder.Path]);
        }
    }

    private void WriteOnAFullDisk()
    {
        File.WriteAllBytes(_folder["ballast"], new byte[500_000]);
        var path = _folder["segment.mcap"];
        using var writer = SegmentWriter.Create(path, Segments.Header());
        writer.Append([Segments.Picture(1, bytes: 200_000)]);
        var length = writer.Length;

        var fault = Assert.Throws<IOException>(() => writer.Append([Segments.Picture(2, bytes: 200_000), Segments.Picture(3, bytes: 200_000)]));

        Assert.Contains("No space left", fault.Message, StringComparison.Ordinal);
        Assert.Equal((length, 1), (writer.Length, writer.Frames));
        Assert.Equal(length, new FileInfo(path).Length);
        Assert.Equal(Segments.Expected([Segments.Picture(1, bytes: 200_000)]), Segments.ReadAll(path));

        File.Delete(_folder["ballast"]);
        writer.Append([Segments.Picture(2, bytes: 200_000), Segments.Picture(3, bytes: 200_000)]);
        Fill(_folder["ballast"]);
        Assert.Throws<IOException>(writer.Close);
        Assert.Equal(3, Segments.ReadAll(path).Length);
        File.Delete(_folder["ballast"]);
        writer.Close();
        Assert.Equal((true, 3), (SegmentRepair.Inspect(path)!.IsClosed, Segments.ReadAll(path).Length));
    }

    private static void Fill(string path)
    {
        using var file = File.Create(path, bufferSize: 0);
        var (block, isFull) = (new byte[4096], false);
        while (!isFull)
            isFull = Record.Exception(() => file.Write(block)) is IOException;
    }

    /// <summary>Where the writer dies, and how many of its three chunks are in the file then, at least and at most.</summary>
    [Theory]
    [InlineData("segment-before-append", 0, false)]
    [InlineData("segment-in-append", 0, false)]
    [InlineData("segment-after-append", 1, false)]
    [InlineData("segment-before-append:3", 2, false)]
    [InlineData("segment-in-append:3", 2, false)]
    [InlineData("segment-before-fsync", 3, false)]
    [InlineData("segment-after-fsync", 3, false)]
    [InlineData("segment-before-close", 3, false)]
    [InlineData("segment-in-close", 3, false)]
    [InlineData("segment-after-close", 3, true)]
    public async Task Wherever_the_writer_dies_its_chunks_are_kept(string point, int chunks, bool isClosed)
    {
        var path = _folder["segment.mcap"];

        await DieAtAsync(point, path);

        Assert.Equal((isClosed, chunks * 2L), (SegmentRepair.Inspect(path)!.IsClosed, SegmentRepair.Inspect(path)!.Frames));
        var expected = Segments.Expected(Segments.Chunks(chunks, frames: 2).SelectMany(chunk => chunk));
        Assert.Equal(expected, Segments.ReadAll(path));
        Assert.Equal((true, 0), (SegmentRepair.Recover(path)!.IsClosed, SegmentRepair.Inspect(path)!.Damage.Count));
        Assert.Equal(expected, Segments.ReadAll(path));
    }

    /// <summary>Another process of these tests runs <see cref="A_segment_is_written"/> alone and is killed by itself.</summary>
    private static async Task DieAtAsync(string point, string path)
    {
        var start = new ProcessStartInfo("dotnet", [Assembly.GetExecutingAssembly().Location, "-method", $"{typeof(CrashTests).FullName}.{nameof(A_segment_is_written)}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["FRAMEWIRE_CRASH_AT"] = point;
        start.Environment["FRAMEWIRE_TEST_SEGMENT"] = path;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(process.ExitCode == 128 + 9, $"{process.ExitCode}: {await output}");
    }

    [Fact]
    public void A_segment_is_written()
    {
        var path = Environment.GetEnvironmentVariable("FRAMEWIRE_TEST_SEGMENT") ?? _folder["segment.mcap"];
        using var writer = SegmentWriter.Create(path, Segments.Header());
        foreach (var entries in Segments.Chunks(chunks: 3, frames: 2))
            writer.Append(entries);
        writer.FlushToDisk();
        writer.Close();
        Assert.Equal(6, SegmentRepair.Inspect(path)!.Frames);
    }
}
