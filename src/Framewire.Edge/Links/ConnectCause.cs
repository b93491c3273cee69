namespace Framewire.Edge.Links;

/// <summary>Why a server cannot be reached, or not well, as far as this end can tell.</summary>
public enum ConnectCause
{
    /// <summary>None of the others; the raw text says more.</summary>
    Other,

    /// <summary>DNS does not know the name.</summary>
    NameUnknown,

    /// <summary>This machine's network has no way there.</summary>
    NoRoute,

    /// <summary>The machine is there; nothing listens at the port.</summary>
    Refused,

    /// <summary>Not a word came: a firewall, a machine that is off, a wrong address.</summary>
    NoAnswer,

    /// <summary>The connection was taken and closed before a word.</summary>
    ClosedAtOnce,

    /// <summary>TLS was spoken to a port without it.</summary>
    NotTls,

    /// <summary>A port for TLS was spoken to without it.</summary>
    TlsExpected,

    /// <summary>The certificate is by an authority that is not trusted here.</summary>
    CertificateUntrusted,

    /// <summary>The certificate is for other names.</summary>
    CertificateForAnotherName,

    /// <summary>The certificate's time is over.</summary>
    CertificateExpired,

    /// <summary>The certificate's time has not come.</summary>
    CertificateNotYetValid,

    /// <summary>The server asks for a certificate of this end.</summary>
    ClientCertificateMissing,

    /// <summary>This machine's clock is wrong, or the server's.</summary>
    ClockWrong,

    /// <summary>TLS failed in another way.</summary>
    TlsFailed,

    /// <summary>The port speaks something else than HTTP/2: HTTP/1.1, or another protocol.</summary>
    NotHttp2,

    /// <summary>The port speaks HTTP/2; what answers is no gRPC server.</summary>
    NotGrpc,

    /// <summary>A proxy answers; it does not reach the server behind it.</summary>
    ProxyWithoutServer,

    /// <summary>A gRPC server, but it does not know the method.</summary>
    NotFramewire,

    /// <summary>The server asks for a token, and none was shown.</summary>
    TokenMissing,

    /// <summary>The token does not hold: wrong, revoked, expired.</summary>
    TokenRefused,

    /// <summary>The token holds, without the right to this.</summary>
    NoRight,

    /// <summary>The connection was there and was cut.</summary>
    ConnectionCut,

    /// <summary>Something on the way, or the server, takes smaller messages only.</summary>
    MessageLimit,

    /// <summary>Something on the way closes what is quiet for a moment.</summary>
    IdleCut,
}
