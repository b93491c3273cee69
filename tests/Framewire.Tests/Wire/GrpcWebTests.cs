using System.Globalization;
using System.Net;
using System.Text;
using Framewire.Protocol.Wire;
using Framewire.Tests.Testing;
using static Framewire.Tests.Wire.PointsService;

namespace Framewire.Tests.Wire;

/// <summary>gRPC-Web as PROTOCOL-WEB.md has it, over HTTP/1.1, with a client that is nothing but bytes.</summary>
public sealed class GrpcWebTests : IAsyncLifetime
{
    private const string Binary = "application/grpc-web+proto";
    private const string Text = "application/grpc-web-text+proto";
    private static readonly byte[] Hello = Message("hello"u8.ToArray());
    private static readonly string HelloText = Convert.ToBase64String(Hello);

    private readonly PointsService _service = new();
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(20) };
    private WireHost? _host;

    public async ValueTask InitializeAsync() =>
        _host = await WireHost.StartAsync(new CallDispatcher(_service.Table(), new WireOptions { MaxMessageBytes = MaxMessageBytes }), web: true);

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _host!.DisposeAsync();
    }

    private async Task<(HttpResponseMessage Response, byte[] Body)> PostAsync(string path, byte[] body, string contentType, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_host!.Address, path)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("content-type", contentType);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        var response = await _client.SendAsync(request);
        return (response, await response.Content.ReadAsByteArrayAsync());
    }

    private static string Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : "";

    /// <summary>Base64 in pieces, each with its own padding.</summary>
    private static byte[] Decoded(byte[] text)
    {
        var bytes = new List<byte>();
        for (var quad = 0; quad < text.Length; quad += 4)
            bytes.AddRange(Convert.FromBase64String(Encoding.ASCII.GetString(text, quad, 4)));
        return [.. bytes];
    }

    /// <summary>The body as messages, and the text of the trailers at its end.</summary>
    private static (List<byte[]> Messages, string Trailers) Parse(byte[] body)
    {
        var (messages, trailers, at) = (new List<byte[]>(), "", 0);
        while (at < body.Length)
        {
            Assert.Equal("", trailers);
            var length = int.Parse(Convert.ToHexString(body, at + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var content = body.AsSpan(at + 5, length).ToArray();
            if (body[at] == 0x80)
                trailers = Encoding.ASCII.GetString(content);
            else
                messages.Add(content);
            at += 5 + length;
        }
        return (messages, trailers);
    }

    [Theory]
    [InlineData("application/grpc-web")]
    [InlineData("application/grpc-web+proto")]
    [InlineData("application/grpc-web+proto; charset=utf-8")]
    public async Task A_message_comes_back_with_its_trailers_in_the_body(string contentType)
    {
        var (response, body) = await PostAsync(Echo.Path, Hello, contentType);

        Assert.Equal((HttpStatusCode.OK, Binary), (response.StatusCode, response.Content.Headers.ContentType!.ToString()));
        Assert.Equal([.. Hello, .. Message("grpc-status: 0\r\n"u8.ToArray(), flag: 0x80)], body);
    }

    [Fact]
    public async Task Text_is_the_same_in_base64_both_ways()
    {
        var (response, body) = await PostAsync(Echo.Path, Encoding.ASCII.GetBytes(HelloText), "application/grpc-web-text");

        Assert.Equal(Text, response.Content.Headers.ContentType!.ToString());
        Assert.Equal([.. Hello, .. Message("grpc-status: 0\r\n"u8.ToArray(), flag: 0x80)], Decoded(body));
    }

    [Fact]
    public async Task Text_may_be_encoded_in_pieces_with_padding_between_them()
    {
        var pieces = string.Concat(Hello.Select(value => Convert.ToBase64String([value])));

        var (_, body) = await PostAsync(Echo.Path, Encoding.ASCII.GetBytes(pieces), Text);

        Assert.Equal("hello"u8, Parse(Decoded(body)).Messages.Single());
    }

    [Fact]
    public async Task Many_messages_in_one_call_come_back_in_order_as_binary_and_as_text()
    {
        byte[][] sent = [.. Enumerable.Range(0, 50).Select(n => new byte[n * 977 % 40_000])];
        byte[] request = [.. sent.SelectMany(message => Message(message))];

        var (_, binary) = await PostAsync(EchoAll.Path, request, Binary);
        var (_, text) = await PostAsync(EchoAll.Path, Encoding.ASCII.GetBytes(Convert.ToBase64String(request)), Text);

        foreach (var (messages, trailers) in new[] { Parse(binary), Parse(Decoded(text)) })
        {
            Assert.Equal(sent.Select(message => message.Length), messages.Select(message => message.Length));
            Assert.Equal("grpc-status: 0\r\n", trailers);
        }
    }

    [Fact]
    public async Task A_call_that_fails_before_any_message_has_its_status_in_the_headers()
    {
        var (response, body) = await PostAsync(Refuse.Path, Hello, Binary);

        Assert.Equal((HttpStatusCode.OK, "8", "100%25 full%0A%E2%98%BA"), (response.StatusCode, Header(response, "grpc-status"), Header(response, "grpc-message")));
        Assert.Empty(body);
    }

    [Theory]
    [InlineData("/test.Points/echo", 12)]
    [InlineData("/test.Points/Echo/", 12)]
    [InlineData("/nothing", 12)]
    public async Task An_unknown_method_is_unimplemented(string path, int status)
    {
        var (response, _) = await PostAsync(path, Hello, Binary);

        Assert.Equal(status.ToString(CultureInfo.InvariantCulture), Header(response, "grpc-status"));
    }

    public static TheoryData<string, byte[], string, int> WrongBodies => new()
    {
        { Binary, [], "no request", 12 },
        { Binary, [.. Hello, .. Hello], "two requests", 12 },
        { Binary, Hello[..7], "cut short", 13 },
        { Binary, Message([1], flag: 1), "compressed without an encoding", 13 },
        { Binary, Message([1], flag: 0x80), "trailers from a client", 13 },
        { Binary, Message([], length: 0x7FFFFFFF), "a length over the limit", 8 },
        { Text, "!!!!"u8.ToArray(), "no base64", 13 },
        { Text, "AAAAAAVoZWxsb"u8.ToArray(), "base64 cut short", 13 },
        { Text, "A==="u8.ToArray(), "padding where none can be", 13 },
    };

    [Theory]
    [MemberData(nameof(WrongBodies))]
    public async Task A_wrong_body_is_an_error_and_no_message(string contentType, byte[] body, string what, int status)
    {
        var before = _service.Calls;

        var (response, _) = await PostAsync(Echo.Path, body, contentType);

        Assert.Equal((what, status.ToString(CultureInfo.InvariantCulture)), (what, Header(response, "grpc-status")));
        Assert.Equal(before, _service.Calls);
    }

    [Theory]
    [InlineData("application/grpc-webfoo", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/grpc-web+json", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("text/plain", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/grpc", HttpStatusCode.UpgradeRequired)]
    public async Task What_is_not_gRPC_Web_reaches_no_handler(string contentType, HttpStatusCode status)
    {
        var (response, _) = await PostAsync(Echo.Path, Hello, contentType);

        Assert.Equal((status, 0), (response.StatusCode, _service.Calls));
    }

    [Fact]
    public async Task A_GET_is_not_allowed()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_host!.Address, Echo.Path));
        request.Headers.TryAddWithoutValidation("content-type", Binary);

        using var response = await _client.SendAsync(request);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await PostAsync(Echo.Path, Hello, "text/plain")).Response.StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }

    [Fact]
    public async Task A_deadline_ends_a_call_that_hangs()
    {
        var (response, _) = await PostAsync(Hang.Path, [], Binary, ("grpc-timeout", "100m"));

        Assert.Equal("4", Header(response, "grpc-status"));
    }

    [Fact]
    public async Task Metadata_travels_in_headers_and_in_the_trailers_of_the_body()
    {
        var (_, body) = await PostAsync(PointsService.Binary.Path, Hello, Binary, ("x-a-bin", "q6ur"));

        var (messages, trailers) = Parse(body);
        Assert.Equal("ABABAB"u8, messages.Single());
        Assert.Equal("grpc-status: 0\r\nx-b-bin: AQ\r\n", trailers);
    }

    [Fact]
    public async Task A_client_that_leaves_ends_the_call()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_host!.Address, Hang.Path)) { Content = new ByteArrayContent([]) };
        request.Content.Headers.TryAddWithoutValidation("content-type", Binary);
        using var leave = new CancellationTokenSource();
        var calling = _client.SendAsync(request, leave.Token);
        await Eventually.TrueAsync(() => _host.Dispatcher.RunningCalls == 1);

        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);
        await Eventually.TrueAsync(() => _host.Dispatcher.RunningCalls == 0);
    }
}
