namespace Framewire.Bench.Peers;

/// <summary>One way to bring frames to a server and acks back. Immutable.</summary>
/// <param name="Name">In the tables.</param>
/// <param name="Program">Both ends are this program.</param>
/// <param name="Before">Its arguments before those of either end.</param>
internal sealed record Contender(string Name, string Program, params string[] Before)
{
    public const string RawTcp = "raw TCP, C";

    private static readonly string Bench = Path.Combine(AppContext.BaseDirectory, "Framewire.Bench.dll");
    private static readonly string Folder = Path.Combine(Directory.GetCurrentDirectory(), "bench", "peers");

    /// <summary>The server's arguments; a folder for recordings follows if it records.</summary>
    public string Server { get; init; } = "server";

    public string Client { get; init; } = "client";

    /// <summary>Whether its server tells what it allocated.</summary>
    public bool IsFramewire { get; init; }

    public bool HasViewer { get; init; }

    public bool Records { get; init; }

    /// <summary>Its acks are so slow that the large frames are measured for throughput only.</summary>
    public bool IsSlow { get; init; }

    /// <summary>The ladder first, each rung under the ceiling of the one before.</summary>
    public static IReadOnlyList<Contender> All { get; } =
    [
        new(RawTcp, Path.Combine(Folder, "build", "tcp")),
        new("Framewire: messages", "dotnet", Bench) { Server = "wire-server", Client = "wire-client", IsFramewire = true },
        new("Framewire: frames", "dotnet", Bench) { Client = "publish-client", IsFramewire = true },
        new("Framewire: frames, SocketsHttpHandler", "dotnet", Bench) { Client = "sockets-client", IsFramewire = true },
        new("Framewire: frames, a viewer", "dotnet", Bench) { Client = "publish-client", IsFramewire = true, HasViewer = true },
        new("Framewire: frames, recorded", "dotnet", Bench) { Client = "publish-client", IsFramewire = true, Records = true },
        new("gRPC C++, sync", Path.Combine(Folder, "build", "grpccpp"), "sync"),
        new("gRPC C++, callback", Path.Combine(Folder, "build", "grpccpp"), "callback"),
        new("ZeroMQ as imagezmq, Python", "/usr/bin/python3", Path.Combine(Folder, "zeromq.py")),
        new("gRPC Python, raw bytes", "/usr/bin/python3", Path.Combine(Folder, "grpcpython.py"), "raw"),
        new("gRPC Node", "node", Path.Combine(Folder, "grpcjs.mjs")),
        new("the seed, Python", "/usr/bin/python3", Path.Combine(Folder, "grpcpython.py"), "seed") { IsSlow = true },
    ];

    public PeerProcess StartServer(string recordings) => PeerProcess.Start($"{Name} (server)", Program, [.. Before, Server, .. Records ? [recordings] : Array.Empty<string>()]);

    public PeerProcess StartClient(params IEnumerable<string> arguments) => PeerProcess.Start($"{Name} (client)", Program, [.. Before, Client, .. arguments]);

    public PeerProcess StartViewer(string port) => PeerProcess.Start($"{Name} (viewer)", Program, [.. Before, "watch-client", port]);
}
