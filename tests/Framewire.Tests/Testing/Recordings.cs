using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Server.Ingest;
using Framewire.Server.Recording;
using Microsoft.Extensions.Logging.Abstractions;

namespace Framewire.Tests.Testing;

/// <summary>Servers that record, publishers that want it, and what was recorded, as tests compare it. Stateless.</summary>
internal static class Recordings
{
    /// <summary>A server in this process that records everything, soon on disk, and notices soon what is wrong with it.</summary>
    public static FramewireOptions Server(string directory, Func<RecordingOptions, RecordingOptions>? change = null)
    {
        var recording = new RecordingOptions
        {
            Streams = "*",
            Directory = directory,
            FlushInterval = TimeSpan.FromMilliseconds(20),
            CheckInterval = TimeSpan.FromMilliseconds(100),
        };
        return new FramewireOptions
        {
            Ingest = new IngestOptions { HeartbeatInterval = TimeSpan.FromMilliseconds(200), SilenceLimit = TimeSpan.FromSeconds(3) },
            Recording = change?.Invoke(recording) ?? recording,
        };
    }

    /// <summary>The same for a server process.</summary>
    public static Dictionary<string, string> Environment(params (string Name, string Value)[] more) => new(more.ToDictionary(one => one.Name, one => one.Value))
    {
        ["FRAMEWIRE_Server__Recording__FlushInterval"] = "00:00:00.020",
        ["FRAMEWIRE_Server__Recording__CheckInterval"] = "00:00:00.200",
        ["FRAMEWIRE_Server__Ingest__HeartbeatInterval"] = "00:00:00.200",
    };

    /// <summary>A publisher that forgets no frame before it is on the server's disk, and is quick to connect again.</summary>
    public static Publisher Publisher(FrameSource source, Uri server, Func<PublisherOptions, PublisherOptions>? change = null)
    {
        var options = new PublisherOptions
        {
            Server = server,
            Stream = "cam",
            Mode = PublishMode.Lossless,
            Ack = PublishAck.Persisted,
            HeartbeatInterval = TimeSpan.FromMilliseconds(200),
            SilenceLimit = TimeSpan.FromSeconds(3),
            ReconnectDelay = TimeSpan.FromMilliseconds(20),
            MaxReconnectDelay = TimeSpan.FromMilliseconds(200),
        };
        return new Publisher(change?.Invoke(options) ?? options, source, Clients.Options, TimeProvider.System, NullLogger.Instance);
    }

    /// <summary>Every frame of a stream in a folder, as it is read back.</summary>
    public static List<Seen> ReadFolder(string directory, string stream = "cam")
    {
        using var recordings = LocalRecordings.Open(directory, NullLogger.Instance);
        return [.. recordings.Read(stream, DateTimeOffset.MinValue, DateTimeOffset.MaxValue).Select(recorded => See(recorded.Frame))];
    }

    /// <summary>A folder holds just these frames: read back in order and byte for byte, each in one file only, and every file is good.</summary>
    public static void RequireJust(IReadOnlyList<Seen> frames, string directory, string stream = "cam")
    {
        Assert.Equal(frames, ReadFolder(directory, stream));
        using var recordings = LocalRecordings.Open(directory, NullLogger.Instance);
        var files = recordings.Verify(stream).ToList();
        Assert.All(files, file => Assert.Empty(file.Mistakes));
        Assert.Equal(frames.Count, files.Sum(file => file.Frames));
        Assert.Equal((ulong)frames.Count, recordings.List().Recordings.Single(recording => recording.Stream == stream).Frames);
    }

    /// <summary>Everything that Read sends.</summary>
    public static async Task<(List<Seen> Frames, List<ReadResponse> Others)> ReadAsync(ClientConnection connection, ReadRequest request, CancellationToken cancellation = default)
    {
        var (frames, others) = (new List<Seen>(), new List<ReadResponse>());
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(TimeSpan.FromSeconds(60));
        await foreach (var message in connection.ServerStreamingAsync(RecordingsContract.Read, request, cancellation: timeout.Token))
        {
            if (message.Frame is { } frame)
                frames.Add(See(frame));
            else
                others.Add(message.Other!);
        }

        return (frames, others);
    }

    public static Seen See(Protocol.Video.Frame frame)
    {
        var seen = new Seen(frame.Sequence, frame.Pts, frame.IsKeyframe, Viewer.Hash(frame.Payload.Span));
        frame.Release();
        return seen;
    }
}
