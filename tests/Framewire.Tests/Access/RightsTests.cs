using System.Net;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Server.Access;
using Framewire.Server.Recording;
using Framewire.Tests.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Framewire.Tests.Access;

/// <summary>Every method and every path, by table, from both sides: who has the right gets by, who has all the others does not.</summary>
public sealed class RightsTests
{
    /// <summary>What each HTTP path asks for. A new one without a row here fails the test below.</summary>
    private static readonly Dictionary<string, Right> Paths = new(StringComparer.Ordinal)
    {
        ["GET /"] = Right.None,
        ["GET /view/{name}"] = Right.None,
        ["GET /favicon.ico"] = Right.None,
        ["GET /login"] = Right.None,
        ["POST /login"] = Right.None,
        ["DELETE /login"] = Right.None,
        ["GET /healthz"] = Right.None,
        ["GET /readyz"] = Right.None,
        ["GET /metrics"] = Right.Admin,
        ["GET /streams"] = Right.Watch,
        ["GET /streams/{name}/snapshot.jpg"] = Right.Watch,
        ["GET /streams/{name}/live.mjpeg"] = Right.Watch,
        ["GET /recordings/{name}/export.mp4"] = Right.Record,
    };

    public static TheoryData<string> PathRows => new(Paths.Keys);

    public static TheoryData<string> MethodRows => new(AccessTable.Methods.Keys);

    private static Grant All(Grant grant) => grant with { Publish = ["*"], Watch = ["*"], Record = ["*"], Process = ["*"], Admin = true };

    private static Grant Without(Grant grant, Right right) => right switch
    {
        Right.Publish => All(grant) with { Publish = [] },
        Right.Watch => All(grant) with { Watch = [] },
        Right.Record => All(grant) with { Record = [] },
        Right.Process => All(grant) with { Process = [] },
        _ => All(grant) with { Admin = false },
    };

    private static Task<FramewireHost> StartAsync(Tokens tokens, Folder folder) => FramewireHost.StartAsync(
        new FramewireOptions { Access = tokens.Options, Recording = new RecordingOptions { Streams = "*", Directory = folder.Path } });

    [Fact]
    public async Task Every_path_and_every_method_has_a_row()
    {
        using var tokens = new Tokens();
        using var folder = new Folder();
        await using var host = await StartAsync(tokens, folder);

        var paths = host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().ToDictionary(
            endpoint => $"{string.Join(',', endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods)} {endpoint.RoutePattern.RawText}",
            endpoint => endpoint.Metadata.GetMetadata<RequiredRight>()?.Right);

        Assert.Equal(Paths.Select(row => (row.Key, (Right?)row.Value)).Order(), paths.Select(found => (found.Key, found.Value)).Order());
        Assert.Equal(AccessTable.Methods.Keys.Order(), host.Services.GetRequiredService<CallDispatcher>().Services.Paths.Order());
    }

    [Theory]
    [MemberData(nameof(PathRows))]
    public async Task A_path_is_open_to_who_has_its_right_only(string path)
    {
        using var tokens = new Tokens();
        using var folder = new Folder();
        await using var host = await StartAsync(tokens, folder);
        var (right, all) = (Paths[path], tokens.Add(All));
        var others = tokens.Add(grant => Without(grant, right));
        host.ReadTokens();

        var statuses = new List<HttpStatusCode>();
        foreach (var token in new[] { null, others, all })
            statuses.Add(await StatusAsync(host, path, token));

        var isOpen = right == Right.None;
        Assert.Equal(isOpen, statuses[0] != HttpStatusCode.Unauthorized);
        Assert.Equal(isOpen, statuses[1] != HttpStatusCode.Forbidden);
        Assert.DoesNotContain(statuses[2], new[] { HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden });
    }

    [Theory]
    [MemberData(nameof(MethodRows))]
    public async Task A_method_is_open_to_who_has_its_right_only(string path)
    {
        using var tokens = new Tokens();
        using var folder = new Folder();
        await using var host = await StartAsync(tokens, folder);
        var (right, all) = (AccessTable.Methods[path], tokens.Add(All));
        var others = tokens.Add(grant => Without(grant, right));
        host.ReadTokens();

        var codes = new List<GrpcStatusCode>();
        foreach (var token in new[] { null, others, all })
            codes.Add(await CodeAsync(host, path, token));

        var isOpen = right == Right.None;
        Assert.Equal(isOpen, codes[0] != GrpcStatusCode.Unauthenticated);
        Assert.Equal(isOpen || right == Right.SignedIn, codes[1] != GrpcStatusCode.PermissionDenied);
        Assert.DoesNotContain(codes[2], new[] { GrpcStatusCode.Unauthenticated, GrpcStatusCode.PermissionDenied });
    }

    [Theory]
    [InlineData("/framewire.v1.ingest/Publish")]
    [InlineData("/framewire.v1.Ingest/Publish/")]
    [InlineData("//framewire.v1.Ingest/Publish")]
    [InlineData("/framewire.v1.Ingest/%50ublish")]
    [InlineData("/framewire.v1.Ingest/Publish?x")]
    public async Task A_path_that_only_looks_like_a_method_leads_nowhere(string path)
    {
        using var tokens = new Tokens();
        using var folder = new Folder();
        await using var host = await StartAsync(tokens, folder);
        var all = tokens.Add(All);
        host.ReadTokens();

        foreach (var token in new[] { null, all })
        {
            await using var raw = await RawConnection.OpenAsync(host.Address.Port);
            var response = await raw.CallAsync(1, RawConnection.Headers(path, ("authorization", token is null ? null : $"Bearer {token.Text}")), []);
            Assert.Equal((int)GrpcStatusCode.Unimplemented, response.Status);
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(FramewireHost host, string path, AccessToken? token)
    {
        var parts = path.Split(' ');
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(new HttpMethod(parts[0]), new Uri(host.Web, parts[1].Replace("{name}", "cam", StringComparison.Ordinal)));
        if (token is not null)
            request.Headers.Authorization = new("Bearer", token.Text);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return response.StatusCode;
    }

    /// <summary>The status of a call that sends nothing and is done: past the guard each method says of itself what is missing.</summary>
    private static async Task<GrpcStatusCode> CodeAsync(FramewireHost host, string path, AccessToken? token)
    {
        await using var connection = host.Connect(Tokens.Client(token));
        var parts = path.TrimStart('/').Split('/', 2);
        var method = new Method<byte[], byte[]>(CallKind.Duplex, parts[0], parts[1], BytesMarshaller.Instance, BytesMarshaller.Instance);
        await using var call = connection.Start(method, new CallOptions { Timeout = TimeSpan.FromSeconds(20) });
        try
        {
            await call.CompleteAsync();
            while (await call.Responses.MoveNextAsync())
            {
            }

            return GrpcStatusCode.Ok;
        }
        catch (GrpcException e)
        {
            return e.Status.Code;
        }
    }
}
