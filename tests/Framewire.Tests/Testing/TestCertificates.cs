using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Framewire.Tests.Testing;

/// <summary>A certificate authority of its own and certificates by it, as PEM files in a folder that goes with it. Owned by one class of tests.</summary>
public sealed class TestCertificates : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("framewire-tls-");
    private readonly X509Certificate2 _authority;

    public TestCertificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = request.CreateSelfSigned(Now.AddYears(-2), Now.AddYears(2));
        AuthorityFile = Write("authority.pem", _authority.ExportCertificatePem());
        Good = Issue("good", ["localhost"], Now.AddDays(-1), Now.AddDays(1));
        OtherHost = Issue("other-host", ["camera.example"], Now.AddDays(-1), Now.AddDays(1));
        Expired = Issue("expired", ["localhost"], Now.AddDays(-9), Now.AddDays(-1));
        SelfSigned = IssueToItself();
    }

    /// <summary>The authority's certificate.</summary>
    public string AuthorityFile { get; }

    /// <summary>For localhost and 127.0.0.1, valid today.</summary>
    public (string Certificate, string Key) Good { get; }

    /// <summary>For camera.example.</summary>
    public (string Certificate, string Key) OtherHost { get; }

    /// <summary>For localhost, until yesterday.</summary>
    public (string Certificate, string Key) Expired { get; }

    /// <summary>For localhost, by itself.</summary>
    public (string Certificate, string Key) SelfSigned { get; }

    /// <summary>For a client, valid today.</summary>
    public (string Certificate, string Key) IssueClient(string name) => Issue(name, [name], Now.AddDays(-1), Now.AddDays(1), "1.3.6.1.5.5.7.3.2");

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    private (string, string) Issue(string name, string[] hosts, DateTimeOffset from, DateTimeOffset to, string purpose = "1.3.6.1.5.5.7.3.1")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={hosts[0]}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
            names.AddDnsName(host);
        if (hosts.Contains("localhost"))
            names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false)); // TLS server, or client
        using var certificate = request.Create(_authority, from, to, RandomNumberGenerator.GetBytes(8));
        return (Write($"{name}.pem", certificate.ExportCertificatePem()), Write($"{name}.key", key.ExportPkcs8PrivateKeyPem()));
    }

    private (string, string) IssueToItself()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(1));
        return (Write("self.pem", certificate.ExportCertificatePem()), Write("self.key", key.ExportPkcs8PrivateKeyPem()));
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
