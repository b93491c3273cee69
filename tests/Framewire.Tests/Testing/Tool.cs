using System.Diagnostics;

namespace Framewire.Tests.Testing;

/// <summary>Runs ffmpeg, ffprobe and the like to their end, as foreign judges of what we make. Stateless.</summary>
internal static class Tool
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(50);

    /// <summary>Runs a program and gives its output; throws if it fails, with what it said.</summary>
    public static async Task<byte[]> RunAsync(string program, IEnumerable<string> arguments, ReadOnlyMemory<byte> input = default)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            using var output = new MemoryStream();
            var reading = process.StandardOutput.BaseStream.CopyToAsync(output, patience.Token);
            await process.StandardInput.BaseStream.WriteAsync(input, patience.Token);
            process.StandardInput.Close();
            await reading;
            await process.WaitForExitAsync(patience.Token);
            return process.ExitCode == 0
                ? output.ToArray()
                : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await errors}");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Runs a program and gives its output as lines.</summary>
    public static async Task<string[]> LinesAsync(string program, IEnumerable<string> arguments, ReadOnlyMemory<byte> input = default) =>
        System.Text.Encoding.UTF8.GetString(await RunAsync(program, arguments, input)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
