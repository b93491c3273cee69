using System.Text.RegularExpressions;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using Framewire.Server.Streams;

namespace Framewire.Server.Ingest;

/// <summary>Checks everything a publisher says in Open before any of it is used. Pure.</summary>
internal static partial class OpenCheck
{
    private const int MaxAgentLength = 128;

    /// <summary>The session that a publisher offers, and the stream it is for.</summary>
    /// <exception cref="GrpcException">INVALID_ARGUMENT or FAILED_PRECONDITION, with what is wrong.</exception>
    public static (StreamName Stream, StreamSession Session) Check(Open? open)
    {
        if (open is null)
            throw Invalid("The first message must be Open.");
        if (!StreamName.TryParse(open.Stream, out var name))
            throw Invalid($"The stream name '{Printable(open.Stream)}' cannot be used: a name is {StreamName.Rule}.");
        if (!SessionPattern().IsMatch(open.Session))
            throw Invalid("The session must be 1 to 64 of A-Z a-z 0-9 - _.");
        if (open.Agent.Length > MaxAgentLength)
            throw Invalid($"The agent is longer than {MaxAgentLength} characters.");
        if (!Enum.IsDefined(open.Mode))
            throw Invalid($"The mode {(int)open.Mode} is not known here.");
        if (FormatCoding.FromWire(open.Format, out var mistake) is not { } format)
            throw Invalid($"Stream '{name}': {mistake}.");
        if (!Enum.IsDefined(open.AckLevel))
            throw Invalid($"The ack level {(int)open.AckLevel} is not known here.");
        var session = new StreamSession(open.Session, Micros.ToDateTimeOffset(open.SessionStartedAtUnixMicros), format, open.NextSequence)
        {
            IsLossless = open.Mode is Mode.Lossless,
            IsKeptUntilPersisted = open is { Mode: Mode.Lossless, AckLevel: AckLevel.Persisted },
        };
        return (name, session);
    }

    /// <summary>A peer's text made safe for messages and logs: short, without control characters.</summary>
    public static string Printable(string text) =>
        string.Concat(text.Take(80).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));

    private static GrpcException Invalid(string message) => new(GrpcStatusCode.InvalidArgument, message);

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex SessionPattern();
}
