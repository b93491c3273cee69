using Framewire.Bench.Load;

namespace Framewire.Bench.Scale;

/// <summary>A server that is loaded, and how to start it: the one place that knows. Immutable.</summary>
/// <param name="Name">For people.</param>
/// <param name="Kind">What the load generator speaks to it.</param>
/// <param name="Guess">Where the search begins.</param>
/// <param name="Built">A file that is there when it can be started.</param>
/// <param name="Command">The program and its arguments; it says <c>listening PORT</c>.</param>
internal sealed record Contender(string Name, LoadKind Kind, int Guess, string Built, params string[] Command)
{
    private const string Peers = "bench/peers";

    public static Contender Framewire { get; } = new("Framewire, Ingest/Publish", LoadKind.Publish, 128, ServerChild.Bench);

    public static Contender Analyse { get; } = new("Framewire, video/Analyse", LoadKind.Analyse, 128, ServerChild.Bench);

    /// <summary>In C, or in C# as long as that is not built.</summary>
    public static Contender RawTcp { get; } = File.Exists($"{Peers}/build/tcp")
        ? new("raw TCP", LoadKind.Tcp, 256, $"{Peers}/build/tcp", $"{Peers}/build/tcp", "server")
        : new("raw TCP", LoadKind.Tcp, 256, ServerChild.Bench, "dotnet", ServerChild.Bench, "tcp-server");

    public static Contender CppSync { get; } = new("gRPC C++, sync", LoadKind.Analyse, 64, $"{Peers}/build/grpccpp", $"{Peers}/build/grpccpp", "sync", "server");

    public static IReadOnlyList<Contender> All { get; } =
    [
        RawTcp,
        Framewire,
        Analyse,
        CppSync,
        new("grpc-js", LoadKind.Analyse, 16, $"{Peers}/node_modules", "node", $"{Peers}/grpcjs.mjs", "server"),
        new("gRPC Python", LoadKind.Analyse, 8, $"{Peers}/grpcpython.py", "/usr/bin/python3", $"{Peers}/grpcpython.py", "raw", "server"),
    ];

    public bool IsBuilt => Path.Exists(Built);

    public Task<ServerChild> StartAsync() =>
        Command.Length == 0 ? ServerChild.FramewireAsync(ServerSettings.Crowd) : ServerChild.StartAsync(Command[0], Command[1..]);
}
