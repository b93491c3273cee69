using System.Security.Cryptography;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;

namespace Framewire.Tests.Testing;

/// <summary>What a viewer saw of one frame.</summary>
internal sealed record Seen(ulong Sequence, TimeSpan Pts, bool IsKeyframe, string Hash);

/// <summary>Watches a stream to its end and remembers what it saw. Stateless.</summary>
internal static class Viewer
{
    /// <summary>Everything a viewer is told, frames as <see cref="Seen"/>, until the publisher is done.</summary>
    public static async Task<List<Seen>> WatchAsync(ClientConnection connection, string stream, List<WatchResponse>? others = null)
    {
        var seen = new List<Seen>();
        var request = new WatchRequest { Stream = stream, Wait = true, UntilEnd = true };
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        await foreach (var message in connection.ServerStreamingAsync(ViewingContract.Watch, request, cancellation: timeout.Token))
        {
            if (message.Other is { } other)
            {
                others?.Add(other);
                continue;
            }

            var frame = message.Frame!;
            seen.Add(new Seen(frame.Sequence, frame.Pts, frame.IsKeyframe, Hash(frame.Payload.Span)));
            frame.Release();
        }

        return seen;
    }

    public static string Hash(ReadOnlySpan<byte> payload) => Convert.ToHexString(SHA256.HashData(payload));
}
