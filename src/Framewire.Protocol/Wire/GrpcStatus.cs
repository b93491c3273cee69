namespace Framewire.Protocol.Wire;

/// <summary>How a call ended, by the numbers that travel in <c>grpc-status</c> (gRPC's statuscodes.md). Immutable.</summary>
public enum GrpcStatusCode
{
    Ok = 0,
    Cancelled = 1,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Aborted = 10,
    OutOfRange = 11,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    DataLoss = 15,
    Unauthenticated = 16,
}

/// <summary>A call's end: the code for programs, the message for people. Immutable, so anyone may share it.</summary>
public sealed record GrpcStatus(GrpcStatusCode Code, string Message = "")
{
    /// <summary>The one good end.</summary>
    public static GrpcStatus Ok { get; } = new(GrpcStatusCode.Ok);

    public bool IsOk => Code == GrpcStatusCode.Ok;

    public override string ToString() => Message.Length == 0 ? Code.ToString() : $"{Code}: {Message}";
}
