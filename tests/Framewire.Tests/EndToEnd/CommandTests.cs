using System.Net;
using System.Net.Sockets;
using Framewire.Server;
using Framewire.Server.Streams;
using Framewire.Tests.Testing;

namespace Framewire.Tests.EndToEnd;

/// <summary>The program as a person meets it: help, mistakes, exit codes, and what watch writes.</summary>
public sealed class CommandTests
{
    private static async Task FailsAsync(int code, string says, params string[] arguments)
    {
        var (actual, _, errors) = await FramewireProcess.RunAsync(arguments);
        var lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.StartsWith("framewire: ", StringComparison.Ordinal));

        Assert.True(actual == code, $"exit code {actual}, not {code}: {errors}");
        Assert.Contains(says, Assert.Single(lines), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "Required argument 'SOURCE' missing", "publish")]
    [InlineData(2, "not WxH", "publish", "test", "--size", "big")]
    [InlineData(2, "out of range", "publish", "test", "--quality", "0")]
    [InlineData(2, "cannot be used", "publish", "test", "--stream", "../x")]
    [InlineData(2, "--to 'ftp://x' is not a server's address", "publish", "test", "--to", "ftp://x")]
    [InlineData(2, "is not HOST:PORT", "serve", "--listen", "nowhere")]
    [InlineData(2, "CertificateFile", "serve", "--cert", "/nonexistent.pem")]
    [InlineData(2, "no .mp4 container", "watch", "cam", "-o", "x.mp4")]
    [InlineData(1, "/nonexistent", "watch", "cam", "-o", "/nonexistent/x.h264")]
    [InlineData(1, "There is no file '/nonexistent.mp4'", "publish", "/nonexistent.mp4")]
    [InlineData(1, "/dev/video99", "publish", "/dev/video99")]
    [InlineData(3, "No server within 3 s: nothing listens at 127.0.0.1:1", "publish", "test", "--to", "127.0.0.1:1", "--wait", "3")]
    [InlineData(3, "name nobody.invalid cannot be found", "publish", "test", "--to", "https://nobody.invalid:50051", "--wait", "3")]
    [InlineData(3, "nothing listens at 127.0.0.1:1", "watch", "cam", "--from", "127.0.0.1:1")]
    [InlineData(3, "nothing listens at 127.0.0.1:1", "streams", "--from", "127.0.0.1:1")]
    public Task A_mistake_is_one_line_and_an_exit_code(int code, string says, params string[] arguments) => FailsAsync(code, says, arguments);

    [Theory]
    [InlineData("serve")]
    [InlineData("publish")]
    [InlineData("watch")]
    [InlineData("streams")]
    public async Task Help_shows_usage_and_examples(string command)
    {
        var (code, output, _) = await FramewireProcess.RunAsync(command, "--help");

        Assert.Equal(0, code);
        Assert.Contains($"framewire {command} ", output, StringComparison.Ordinal);
        Assert.Contains("Examples:", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_ffmpeg_the_error_says_how_to_get_it()
    {
        var clip = Shared.Clip(Shared.Clips[0]);
        await using var process = FramewireProcess.Start(
            new Dictionary<string, string> { ["FRAMEWIRE_Source__Ffmpeg"] = "/nonexistent/ffmpeg" }, "publish", clip);

        var (code, _, errors) = await process.EndAsync();

        Assert.Equal(1, code);
        Assert.Contains("apt-get install ffmpeg", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_said_so()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        await FailsAsync(1, "address already in use", "serve", "--listen", $"127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}", "--web", "none");
    }

    [Fact]
    public async Task A_web_server_is_no_gRPC_server()
    {
        await using var host = await FramewireHost.StartAsync();

        await FailsAsync(1, "not in HTTP/2", "publish", "test", "--to", $"{host.Web}", "--wait", "10");
    }

    [Fact]
    public async Task A_gRPC_server_without_our_service_is_said_so()
    {
        await using var host = await WireHost.StartAsync(new Protocol.Wire.ServiceTable());

        await FailsAsync(1, "does not know framewire.v1.Ingest", "publish", "test", "--to", $"{host.Address}", "--wait", "10");
        await FailsAsync(1, "does not know video.Analyse", "publish", "test", "--encode", "gray", "--contract", "analyse", "--to", $"{host.Address}", "--wait", "10");
    }

    [Fact]
    public async Task TLS_to_a_cleartext_port_is_said_so()
    {
        await using var host = await FramewireHost.StartAsync();

        await FailsAsync(1, "TLS with", "publish", "test", "--to", $"https://127.0.0.1:{host.Address.Port}", "--wait", "10");
    }

    [Fact]
    public async Task Over_TLS_frames_flow_when_the_authority_is_trusted_and_do_not_when_not()
    {
        using var folder = new Folder();
        var (certificate, key) = (folder["cert.pem"], folder["key.pem"]);
        await Tool.RunAsync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate]);
        var port = ChildProcess.FreePort();
        await using var server = await FramewireProcess.ServeAsync(port, "--cert", certificate, "--key", key);
        string[] publish = ["publish", "test", "--size", "320x240", "--frames", "20", "--to", $"https://localhost:{port}", "--wait", "10"];

        string[] trusting = [.. publish, "--ca", certificate];
        Assert.Equal(0, (await FramewireProcess.RunAsync(trusting)).Code);
        await FailsAsync(1, "not trusted here", publish);
    }

    [Theory]
    [InlineData("jpeg", "mjpeg")]
    [InlineData("h264", "h264")]
    [InlineData("gray", "rawvideo")]
    public async Task What_watch_writes_is_recognised_by_ffprobe(string encode, string codec)
    {
        using var folder = new Folder();
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Streams = new StreamLimits { ViewerLagFrames = 500, ViewerLagTime = TimeSpan.FromMinutes(2) } });
        var output = folder["out.bin"];
        await using var watch = FramewireProcess.Start("watch", "cam", "--from", $"{host.Address}", "--wait", "--until-end", "-o", output);
        await Eventually.TrueAsync(() => host.Streams.Find("cam")?.Status().Viewers == 1);

        var (published, _, errors) = await FramewireProcess.RunAsync(
            "publish", "test", "--fast", "--size", "320x240", "--frames", "50", "--encode", encode, "--stream", "cam", "--to", $"{host.Address}");
        Assert.True(published == 0, errors);
        Assert.Equal(0, (await watch.EndAsync()).Code);
        var probe = await Tool.LinesAsync("ffprobe", ["-v", "error", "-count_packets", "-show_entries", "stream=codec_name,width,height,nb_read_packets", "-of", "csv=p=0", output]);

        Assert.Equal($"{codec},320,240,50", probe[0]);
    }

    [Fact]
    public async Task Watch_ends_when_whoever_read_the_pipe_has_seen_enough()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var publisher = FramewireProcess.Start("publish", "test", "--size", "320x240", "--stream", "cam", "--to", $"{host.Address}");
        await publisher.SaysAsync("Connected to");
        var program = Path.Combine(AppContext.BaseDirectory, "framewire.dll");

        var codes = await Tool.LinesAsync("bash", ["-c", $"dotnet '{program}' watch cam --wait --from {host.Address} -o - | head -c 10000 >/dev/null; echo ${{PIPESTATUS[*]}}"]);

        Assert.Equal("0 0", codes[^1]);
    }

    [Fact]
    public async Task A_reader_of_the_pipe_that_pauses_is_not_taken_for_a_silent_server()
    {
        using var folder = new Folder();
        await using var host = await FramewireHost.StartAsync();
        await using var publisher = FramewireProcess.Start("publish", "test", "--size", "640x480", "--stream", "cam", "--to", $"{host.Address}");
        await publisher.SaysAsync("Connected to");
        var (program, go) = (Path.Combine(AppContext.BaseDirectory, "framewire.dll"), folder["go"]);
        await Tool.RunAsync("mkfifo", [go]);
        var watching = Tool.LinesAsync("bash", ["-c", $"FRAMEWIRE_Publisher__SilenceLimit=00:00:01.500 dotnet '{program}' watch cam --from {host.Address} -o - | (read -r _ <'{go}'; head -c 500000 >/dev/null); echo ${{PIPESTATUS[*]}}"]);
        await Eventually.TrueAsync(() => host.Streams.Find("cam")!.Status().Viewers == 1);
        var joined = host.Streams.Find("cam")!.Status().Session!.Frames;

        // More than the silence limit, at 30 frames a second.
        await Eventually.TrueAsync(() => host.Streams.Find("cam")!.Status().Session!.Frames >= joined + 90);
        await File.WriteAllTextAsync(go, "\n", TestContext.Current.CancellationToken);

        Assert.Equal("0 0", (await watching)[^1]);
    }

    [Theory]
    [InlineData("jpeg")]
    [InlineData("h264")]
    [InlineData("bgr")]
    public async Task Watch_fills_a_folder_with_JPEGs(string encode)
    {
        using var folder = new Folder();
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Streams = new StreamLimits { ViewerLagFrames = 500, ViewerLagTime = TimeSpan.FromMinutes(2) } });
        await using var watch = FramewireProcess.Start("watch", "cam", "--from", $"{host.Address}", "--wait", "--until-end", "-o", folder["pictures"] + "/");
        await Eventually.TrueAsync(() => host.Streams.Find("cam")?.Status().Viewers == 1);

        await FramewireProcess.RunAsync("publish", "test", "--fast", "--size", "320x240", "--frames", "12", "--encode", encode, "--stream", "cam", "--to", $"{host.Address}");
        Assert.Equal(0, (await watch.EndAsync()).Code);

        var pictures = Directory.GetFiles(folder["pictures"], "*.jpg");
        Assert.Equal(12, pictures.Length);
        Assert.All(pictures, path => Assert.Equal([0xFF, 0xD8], File.ReadAllBytes(path)[..2]));
    }

    [Fact]
    public async Task The_list_of_streams_is_a_table_and_JSON()
    {
        await using var host = await FramewireHost.StartAsync();
        await FramewireProcess.RunAsync("publish", "test", "--fast", "--size", "320x240", "--frames", "5", "--to", $"{host.Address}");

        var (tableCode, table, _) = await FramewireProcess.RunAsync("streams", "--from", $"{host.Address}");
        var (jsonCode, json, _) = await FramewireProcess.RunAsync("streams", "--json", "--from", $"{host.Address}");

        Assert.Equal((0, 0), (tableCode, jsonCode));
        Assert.Contains("offline", table, StringComparison.Ordinal);
        Assert.Contains("\"name\": \"test\"", json, StringComparison.Ordinal);
    }
}
