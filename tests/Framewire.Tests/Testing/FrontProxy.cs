namespace Framewire.Tests.Testing;

/// <summary>
/// nginx or HAProxy in front of a server, by the file in deploy/ with other ports, paths and, if asked for, time-outs: what is tested is what is shipped. Owned by
/// one test.
/// </summary>
internal sealed class FrontProxy : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly string[] Folders = ["/usr/sbin", "/usr/bin", "/usr/local/sbin"];

    private readonly Folder _folder;
    private readonly ChildProcess _process;

    private FrontProxy(Folder folder, ChildProcess process, int clear, int tls)
    {
        (_folder, _process) = (folder, process);
        (Clear, Tls) = (new Uri($"http://127.0.0.1:{clear}"), new Uri($"https://localhost:{tls}"));
    }

    /// <summary>Cleartext HTTP/2.</summary>
    public Uri Clear { get; }

    /// <summary>HTTP/2 over TLS.</summary>
    public Uri Tls { get; }

    /// <summary>What it has said.</summary>
    public string Output => _process.Output;

    /// <summary>Starts nginx or haproxy.</summary>
    /// <param name="program">Which.</param>
    /// <param name="host">The server behind it.</param>
    /// <param name="own">The certificate that it shows, and its key.</param>
    /// <param name="idle">What to make of its idle time-outs; null to leave them.</param>
    public static async Task<FrontProxy> StartAsync(string program, FramewireHost host, (string Certificate, string Key) own, string? idle = null)
    {
        var (folder, clear, tls) = (new Folder(), ChildProcess.FreePort(), ChildProcess.FreePort());
        List<(string Shipped, string Here)> changes =
        [
            ("127.0.0.1:50051", $"127.0.0.1:{host.Address.Port}"),
            ("127.0.0.1:8080", $"127.0.0.1:{host.Web.Port}"),
            ("60s", idle ?? "60s"),
            ("75s", idle ?? "75s"),
        ];
        changes.AddRange(program == "nginx"
            ? [("listen 443 ssl http2;", $"listen 127.0.0.1:{tls} ssl http2; listen 127.0.0.1:{clear} http2;"), ("/etc/framewire/server.pem", own.Certificate), ("/etc/framewire/server.key", own.Key)]
            : [("bind :443", $"bind 127.0.0.1:{clear} proto h2\n    bind 127.0.0.1:{tls}"), ("/etc/framewire/both.pem", folder["both.pem"])]);
        await File.WriteAllTextAsync(folder["both.pem"], await File.ReadAllTextAsync(own.Certificate) + "\n" + await File.ReadAllTextAsync(own.Key));
        await File.WriteAllTextAsync(folder["shipped.conf"], Changed(program == "nginx" ? "nginx.conf" : "haproxy.cfg", changes));
        await File.WriteAllTextAsync(folder["main.conf"], Around(folder));
        var process = program == "nginx"
            ? ChildProcess.Start(Program("nginx"), ["-p", folder.Path, "-c", folder["main.conf"], "-e", "stderr"])
            : ChildProcess.Start(Program("haproxy"), ["-db", "-f", folder["shipped.conf"]]);
        var proxy = new FrontProxy(folder, process, clear, tls);
        await process.ListensAsync(clear, Patience);
        await process.ListensAsync(tls, Patience);
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Debian has both where only root looks.</summary>
    private static string Program(string name)
    {
        var path = Folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"{name} is not installed.");
        return path!;
    }

    private static string Changed(string file, IEnumerable<(string Shipped, string Here)> changes)
    {
        var text = File.ReadAllText(Repository.PathTo("deploy", file));
        foreach (var (shipped, here) in changes)
        {
            Assert.Contains(shipped, text, StringComparison.Ordinal);
            text = text.Replace(shipped, here, StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>What Debian's own nginx.conf is around a site's file, as far as it matters.</summary>
    private static string Around(Folder folder) => $$"""
        {{(Environment.UserName == "root" ? "user root;" : "")}}
        daemon off;
        pid {{folder["pid"]}};
        events { worker_connections 512; }
        http {
          access_log off;
          client_body_temp_path {{folder["body"]}};
          proxy_temp_path {{folder["proxy"]}};
          fastcgi_temp_path {{folder["fastcgi"]}};
          uwsgi_temp_path {{folder["uwsgi"]}};
          scgi_temp_path {{folder["scgi"]}};
          include {{folder["shipped.conf"]}};
        }
        """;
}
