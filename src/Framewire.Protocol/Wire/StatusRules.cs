namespace Framewire.Protocol.Wire;

/// <summary>
/// Which status a call has when the peer did not say one: from the HTTP status (gRPC's http-grpc-status-mapping.md) or from the
/// error code of RST_STREAM (PROTOCOL-HTTP2.md, "Errors"). Pure functions, any thread.
/// </summary>
internal static class StatusRules
{
    /// <summary>For a response without <c>grpc-status</c>.</summary>
    public static GrpcStatusCode FromHttp(int status) => status switch
    {
        400 or 431 => GrpcStatusCode.Internal,
        401 => GrpcStatusCode.Unauthenticated,
        403 => GrpcStatusCode.PermissionDenied,
        404 => GrpcStatusCode.Unimplemented,
        429 or 502 or 503 or 504 => GrpcStatusCode.Unavailable,
        _ => GrpcStatusCode.Unknown,
    };

    /// <summary>For an HTTP/2 stream that ended with RST_STREAM; the codes are those of RFC 9113 section 7.</summary>
    public static GrpcStatusCode FromReset(Http2Error error) => error switch
    {
        Http2Error.RefusedStream => GrpcStatusCode.Unavailable,
        Http2Error.Cancel => GrpcStatusCode.Cancelled,
        Http2Error.EnhanceYourCalm => GrpcStatusCode.ResourceExhausted,
        Http2Error.InadequateSecurity => GrpcStatusCode.PermissionDenied,
        >= Http2Error.NoError and <= Http2Error.InadequateSecurity => GrpcStatusCode.Internal,
        _ => GrpcStatusCode.Unknown,
    };

    /// <summary>The value of <c>grpc-status</c>. False, with UNKNOWN, for what is not a number; a number without a name here is UNKNOWN too.</summary>
    public static bool TryParse(string text, out GrpcStatusCode code)
    {
        code = GrpcStatusCode.Unknown;
        if (!uint.TryParse(text, System.Globalization.NumberStyles.None, null, out var number))
            return false;
        if (number <= (uint)GrpcStatusCode.Unauthenticated)
            code = (GrpcStatusCode)number;
        return true;
    }
}

/// <summary>The error codes of RST_STREAM and GOAWAY (RFC 9113 section 7).</summary>
public enum Http2Error : long
{
    NoError = 0,
    ProtocolError = 1,
    InternalError = 2,
    FlowControlError = 3,
    SettingsTimeout = 4,
    StreamClosed = 5,
    FrameSizeError = 6,
    RefusedStream = 7,
    Cancel = 8,
    CompressionError = 9,
    ConnectError = 10,
    EnhanceYourCalm = 11,
    InadequateSecurity = 12,
}
