using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Framewire.Tests.Testing;

/// <summary>The shared servers that misbehave in one way per port. One for a class of tests; started before the first, ended after the last.</summary>
public sealed class BadServer : IAsyncLifetime
{
    private const int Ports = 64;

    private static readonly string Script = Repository.PathTo("..", "shared", "tools", "badserver.py");

    private readonly Dictionary<string, Case> _cases = [];
    private ChildProcess? _process;

    /// <summary>One way to misbehave: where, and the statuses that a client may make of it (-1: any but OK).</summary>
    public sealed record Case(int Port, int[] Expect)
    {
        public Uri Address => new($"http://127.0.0.1:{Port}");
    }

    public IReadOnlyCollection<string> Names => _cases.Keys;

    public Case this[string name]
    {
        get
        {
            if (_process is null)
                Assert.Skip($"The misbehaving servers are not here: {Path.GetFullPath(Script)}.");
            return _cases[name];
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Script))
            return;
        // Its ports must be free and adjacent. Somebody may take one between our look and its start, so try a few ranges.
        for (var attempt = 1; _process is null; attempt++)
        {
            var start = FreeRange();
            var process = ChildProcess.Start("/usr/bin/python3", [Script, "--base", $"{start}"], awaited: "ready");
            var failure = await Record.ExceptionAsync(() => process.SaidAsync(TimeSpan.FromSeconds(20)));
            if (failure is null)
                _process = process;
            else if (attempt == 5)
                throw failure;
        }
        foreach (var line in _process.Output.Split('\n').Where(line => line.StartsWith('{')))
        {
            var described = JsonDocument.Parse(line).RootElement;
            _cases.Add(described.GetProperty("case").GetString()!, new Case(
                described.GetProperty("port").GetInt32(), [.. described.GetProperty("expect").EnumerateArray().Select(code => code.GetInt32())]));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
    }

    /// <summary>Below the ports that the system gives to outgoing connections.</summary>
    private static int FreeRange()
    {
        while (true)
        {
            var start = Random.Shared.Next(10_000, 32_000 - Ports);
            if (Enumerable.Range(start, Ports).All(IsFree))
                return start;
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
