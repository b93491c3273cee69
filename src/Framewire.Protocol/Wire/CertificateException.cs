using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Framewire.Protocol.Wire;

/// <summary>The server's certificate did not pass, and what is in it. Immutable; owned by whoever catches it.</summary>
public sealed class CertificateException : AuthenticationException
{
    internal CertificateException(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, DateTimeOffset checkedAt)
        : base($"The server's certificate is not valid: {errors}{StatusesOf(chain)}")
    {
        (Errors, CheckedAt) = (errors, checkedAt);
        Chain = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status) ?? X509ChainStatusFlags.NoError;
        if (certificate is null)
            return;
        (NotBefore, NotAfter) = (certificate.NotBefore, certificate.NotAfter);
        (Names, Issuer) = (NamesOf(certificate), certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: true));
        IsSelfSigned = certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
    }

    /// <summary>What is wrong: the name, the chain, or that there is none.</summary>
    public SslPolicyErrors Errors { get; }

    /// <summary>What is wrong with the chain.</summary>
    public X509ChainStatusFlags Chain { get; }

    /// <summary>The clock of this machine when it was checked.</summary>
    public DateTimeOffset CheckedAt { get; }

    /// <summary>From when it is valid.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>Until when it is valid.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>The hosts that it is for, with commas between.</summary>
    public string Names { get; } = "";

    /// <summary>Who issued it.</summary>
    public string Issuer { get; } = "";

    /// <summary>Whether it is its own authority.</summary>
    public bool IsSelfSigned { get; }

    /// <summary>The hosts that a certificate is for, with commas between: those of its alternative names, else its common name.</summary>
    public static string NamesOf(X509Certificate2 certificate)
    {
        var alternatives = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        List<string> names = alternatives is null ? [] : [.. alternatives.EnumerateDnsNames(), .. alternatives.EnumerateIPAddresses().Select(address => address.ToString())];
        return names.Count > 0 ? string.Join(", ", names) : certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
    }

    private static string StatusesOf(X509Chain? chain) =>
        chain is null || chain.ChainStatus.Length == 0 ? "" : $" ({string.Join(", ", chain.ChainStatus.Select(status => status.Status))})";
}
