using System.Diagnostics;
using System.Runtime.CompilerServices;
using Framewire.Edge.Sources;

namespace Framewire.Tests.Testing;

/// <summary>
/// A process of its own that reads one source: this very test program, started with an environment variable. For what cannot be
/// tried inside a test: standard input, and being killed. Stateless.
/// </summary>
internal static class SourceHost
{
    private const string Variable = "FRAMEWIRE_TEST_SOURCE";

    /// <summary>Starts a host that prints the format, a line for each frame, and <c>end</c> or the error.</summary>
    public static Process Start(string source, Encoding encoding, string ffmpeg = "ffmpeg")
    {
        var program = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Framewire.Tests"))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        program.Environment[Variable] = $"{encoding} {ffmpeg} {source}";
        return Process.Start(program)!;
    }

    /// <summary>
    /// Runs before the test runner does. No code of this assembly may run on another thread meanwhile, so everything is waited for here.
    /// </summary>
#pragma warning disable CA2255 // The only way in before the generated entry point.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Run()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } wanted)
            return;
        var parts = wanted.Split(' ', 3);
        var options = new SourceOptions { Source = parts[2], Encode = Enum.Parse<Encoding>(parts[0]), Ffmpeg = parts[1] };
        try
        {
            Read(FrameSource.Create(options, TimeProvider.System));
            Console.WriteLine("end");
        }
        catch (SourceException failure)
        {
            Console.WriteLine(failure.Message);
        }
        Environment.Exit(0);
    }

    private static void Read(FrameSource source)
    {
        Console.WriteLine(source.OpenAsync(CancellationToken.None).GetAwaiter().GetResult());
        var frames = source.ReadAsync(CancellationToken.None).GetAsyncEnumerator();
        while (frames.MoveNextAsync().AsTask().GetAwaiter().GetResult())
        {
            Console.WriteLine($"{frames.Current.Pts} {frames.Current.Payload.Length}");
            frames.Current.Release();
        }
        source.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
