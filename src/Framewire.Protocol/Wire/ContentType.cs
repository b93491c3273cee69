namespace Framewire.Protocol.Wire;

/// <summary>The values of <c>content-type</c> that are gRPC with protobuf messages. Pure functions, any thread.</summary>
public static class ContentType
{
    /// <summary>
    /// True for <c>application/grpc</c> and <c>application/grpc+proto</c>, with or without parameters. Not for what only starts like them: <c>application/grpc-web</c> is another
    /// protocol, <c>application/grpcfoo</c> is none.
    /// </summary>
    public static bool IsGrpc(string? value)
    {
        var type = value.AsSpan();
        var parameters = type.IndexOf(';');
        if (parameters >= 0)
            type = type[..parameters];
        type = type.Trim();
        return type.Equals("application/grpc", StringComparison.OrdinalIgnoreCase) || type.Equals("application/grpc+proto", StringComparison.OrdinalIgnoreCase);
    }
}
