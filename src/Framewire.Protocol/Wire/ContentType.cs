namespace Framewire.Protocol.Wire;

/// <summary>The values of <c>content-type</c> that are gRPC with protobuf messages. Pure functions, any thread.</summary>
public static class ContentType
{
    private static readonly (string Type, GrpcForm Form)[] Known =
    [
        ("application/grpc", GrpcForm.Http2),
        ("application/grpc-web", GrpcForm.Web),
        ("application/grpc-web-text", GrpcForm.WebText),
    ];

    /// <summary>
    /// The form that a value names, with or without <c>+proto</c> and parameters; <see cref="GrpcForm.None"/> for what only starts like one:
    /// <c>application/grpcfoo</c> is none, and <c>application/grpc+json</c> has other messages.
    /// </summary>
    public static GrpcForm FormOf(string? value)
    {
        var type = value.AsSpan();
        var parameters = type.IndexOf(';');
        if (parameters >= 0)
            type = type[..parameters];
        type = type.Trim();
        if (type.EndsWith("+proto", StringComparison.OrdinalIgnoreCase))
            type = type[..^"+proto".Length];
        foreach (var (known, form) in Known)
        {
            if (type.Equals(known, StringComparison.OrdinalIgnoreCase))
                return form;
        }
        return GrpcForm.None;
    }

    /// <summary>True for gRPC over HTTP/2, the only form that a client of ours speaks.</summary>
    public static bool IsGrpc(string? value) => FormOf(value) == GrpcForm.Http2;
}
