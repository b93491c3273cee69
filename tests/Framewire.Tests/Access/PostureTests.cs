using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Server.Access;
using Framewire.Server.Wire;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Access;

/// <summary>What is open without anybody having said so: only what stays on this machine.</summary>
public sealed class PostureTests(TestCertificates certificates) : IClassFixture<TestCertificates>
{
    private TransportOptions Tls => new() { CertificateFile = certificates.Good.Certificate, CertificateKeyFile = certificates.Good.Key };

    [Theory]
    [InlineData("127.0.0.1:50051", "localhost:8080", "")]
    [InlineData("[::1]:50051", "", "")]
    [InlineData("0.0.0.0:50051", "", "certificate, tokens")]
    [InlineData("127.0.0.1:50051", "*:8080", "certificate, tokens")]
    [InlineData("192.168.1.5:50051", "", "certificate, tokens")]
    public void A_server_that_others_reach_needs_a_certificate_and_tokens(string listen, string web, string missing)
    {
        using var tokens = new Tokens();
        var options = new FramewireOptions { Listen = listen, Web = web };

        var mistakes = options.Validate().ToList();

        Assert.Equal(missing.Length > 0, mistakes.Exists(mistake => mistake.Contains("without a certificate", StringComparison.Ordinal)));
        Assert.Equal(missing.Length > 0, mistakes.Exists(mistake => mistake.Contains("without tokens", StringComparison.Ordinal)));
        Assert.Empty((options with { Access = new() { Insecure = true } }).Validate());
        Assert.Empty((options with { Access = tokens.Options, Transport = Tls }).Validate());
        Assert.Empty((options with { Transport = Tls with { ClientAuthorityFile = certificates.AuthorityFile, RequireClientCertificate = true } }).Validate());
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        using var folder = new Folder();
        File.WriteAllText(folder["tokens.json"], """{"tokens": [{"id": "short", "sha256": "12"}, {"id": "abcdefgh", "sha256": "12"}, {"id": "abcdefgh"}]}""");

        var mistakes = new FramewireOptions { Listen = "0.0.0.0:1", Access = new() { TokenFile = folder["tokens.json"], MaxLogins = 0, TrustedProxies = "here" } }.Validate().ToList();

        foreach (var told in new[] { "without a certificate", "\"short\" is not an id", "64 hexadecimal digits", "either sha256 or", "abcdefgh is there twice", "MaxLogins is 0", "'here'" })
            Assert.Contains(mistakes, mistake => mistake.Contains(told, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"tokens": [{"id": "abcdefgh", "sha256": "x", "pubish": ["*"]}]}""", "pubish")]
    [InlineData("""{}""", "tokens")]
    [InlineData("""[]""", "JSON")]
    [InlineData("", "JSON")]
    public void A_misspelt_right_is_a_mistake(string text, string told)
    {
        using var folder = new Folder();
        File.WriteAllText(folder["tokens.json"], text);

        var failure = Assert.Throws<IOException>(() => TokenFile.Read(folder["tokens.json"]));

        Assert.Contains(told, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://camera.example:50051", true)]
    [InlineData("http://192.168.1.5:50051", true)]
    [InlineData("http://localhost:50051", false)]
    [InlineData("http://127.0.0.1:50051", false)]
    [InlineData("http://[::1]:50051", false)]
    [InlineData("https://camera.example:50051", false)]
    public async Task A_client_goes_in_the_clear_to_this_machine_only(string address, bool refused)
    {
        Assert.Equal(refused, new ClientConnectionOptions().MistakeFor(new Uri(address)) is not null);
        Assert.Null(new ClientConnectionOptions { Insecure = true }.MistakeFor(new Uri(address)));
        if (!refused)
            return;
        Assert.Throws<ArgumentException>(() => new ClientConnection(new Uri(address)));
        var (code, _, errors) = await FramewireProcess.RunAsync("publish", "test", "--to", address, "--frames", "1");
        Assert.Equal((2, true), (code, errors.Contains("--insecure", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_server_refuses_to_start_open_to_the_network()
    {
        var (code, _, errors) = await FramewireProcess.RunAsync("serve", "--listen", "0.0.0.0:0", "--web", "none");

        Assert.Equal(2, code);
        Assert.Contains("framewire token create", errors, StringComparison.Ordinal);
        Assert.Contains("--cert and --key", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_is_in_no_file_and_in_no_text_of_a_token()
    {
        using var tokens = new Tokens();
        var token = tokens.Add(grant => grant with { Watch = ["*"] });
        var secret = token.Text.Split('_', 3)[2];

        Assert.DoesNotContain(secret, File.ReadAllText(tokens.Path), StringComparison.Ordinal);
        Assert.DoesNotContain(secret, $"{token}", StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(tokens.Path));
        Assert.Equal(token, AccessToken.Parse(token.Text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("fw_")]
    [InlineData("Bearer x")]
    [InlineData("fw_abcdefgh_tooshort")]
    [InlineData("fw_ABCDEFGH_0123456789012345678901234567890123456789012")]
    [InlineData("fw_abcdefgh_0123456789012345678901234567890123456789012\n")]
    public void What_is_no_token_is_none(string text) => Assert.Null(AccessToken.Parse(text));
}
