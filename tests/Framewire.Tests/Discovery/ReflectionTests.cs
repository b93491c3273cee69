using Framewire.Protocol.Contracts;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Server.Discovery;
using Framewire.Server.Recording;
using Framewire.Tests.Testing;
using Google.Protobuf.Reflection;
using Grpc.Reflection.V1;
using Microsoft.Extensions.DependencyInjection;

namespace Framewire.Tests.Discovery;

/// <summary>What a tool is told of a server's services and messages, put together again by protobuf's own library, and what it may ask.</summary>
public sealed class ReflectionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly CallOptions Soon = new() { Timeout = Patience };

    /// <summary>Both names of the service.</summary>
    public static TheoryData<bool> Names => new(false, true);

    private static Method<ServerReflectionRequest, ServerReflectionResponse> Named(bool older) =>
        older ? ReflectionContract.ServerReflectionInfoAlpha : ReflectionContract.ServerReflectionInfo;

    private static async Task<List<ServerReflectionResponse>> AskAsync(ClientConnection connection, bool older, params ServerReflectionRequest[] requests)
    {
        await using var call = connection.Start(Named(older), Soon);
        List<ServerReflectionResponse> answers = [];
        foreach (var request in requests)
        {
            await call.Requests.WriteAsync(request);
            Assert.True(await call.Responses.MoveNextAsync());
            answers.Add(call.Responses.Current);
        }
        await call.CompleteAsync();
        Assert.False(await call.Responses.MoveNextAsync());
        return answers;
    }

    /// <summary>The files of an answer, made whole by Google.Protobuf; throws if one that is imported is missing. What is imported comes first.</summary>
    private static IReadOnlyList<FileDescriptor> Built(ServerReflectionResponse answer)
    {
        var left = answer.FileDescriptorResponse.FileDescriptorProto.ToDictionary(file => FileDescriptorProto.Parser.ParseFrom(file).Name);
        List<string> order = [];
        void Visit(string name)
        {
            foreach (var import in FileDescriptorProto.Parser.ParseFrom(left[name]).Dependency)
                Visit(import);
            if (!order.Contains(name))
                order.Add(name);
        }
        foreach (var name in left.Keys)
            Visit(name);
        return FileDescriptor.BuildFromByteStrings(order.Select(name => left[name]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_method_that_is_served_is_described_with_all_that_it_imports(bool older)
    {
        using var folder = new Folder();
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Recording = new RecordingOptions { Streams = "*", Directory = folder.Path } });
        await using var connection = host.Connect();

        var list = Assert.Single(await AskAsync(connection, older, new ServerReflectionRequest { Host = "here", ListServices = "*" }));
        var services = list.ListServicesResponse.Service.Select(service => service.Name).ToList();
        var answers = await AskAsync(connection, older, [.. services.Select(name => new ServerReflectionRequest { FileContainingSymbol = name })]);

        var paths = services.Zip(answers, (name, answer) => Built(answer).SelectMany(file => file.Services).Single(service => service.FullName == name))
            .SelectMany(service => service.Methods.Select(method => $"/{service.FullName}/{method.Name}"));
        Assert.Equal(host.Services.GetRequiredService<CallDispatcher>().Services.Paths.Order(), paths.Order());
        Assert.Equal(("here", "here", "*"), (list.ValidHost, list.OriginalRequest.Host, list.OriginalRequest.ListServices));
    }

    [Theory]
    [InlineData("framewire.v1.Viewing", "framewire/v1/viewing.proto")]
    [InlineData("framewire.v1.Viewing.Watch", "framewire/v1/viewing.proto")]
    [InlineData("framewire.v1.WatchRequest", "framewire/v1/viewing.proto")]
    [InlineData("framewire.v1.WatchRequest.start_sequence", "framewire/v1/viewing.proto")]
    [InlineData("framewire.v1.Frame", "framewire/v1/frame.proto")]
    [InlineData("grpc.health.v1.HealthCheckResponse.ServingStatus", "grpc/health/v1/health.proto")]
    [InlineData("grpc.health.v1.HealthCheckResponse.NOT_SERVING", "grpc/health/v1/health.proto")]
    [InlineData("grpc.reflection.v1.ServerReflectionRequest.message_request", "grpc/reflection/v1/reflection.proto")]
    [InlineData("video.Analyse", "video.proto")]
    [InlineData("MsgRequest.img", "video.proto")]
    public async Task A_name_leads_to_its_file_and_so_does_the_files_own_name(string symbol, string file)
    {
        await using var host = await FramewireHost.StartAsync();
        await using var connection = host.Connect();

        var answers = await AskAsync(
            connection, older: false, new ServerReflectionRequest { FileContainingSymbol = symbol }, new ServerReflectionRequest { FileByFilename = file });

        Assert.All(answers, answer => Assert.Equal(file, FileDescriptorProto.Parser.ParseFrom(answer.FileDescriptorResponse.FileDescriptorProto[0]).Name));
        Assert.All(answers, answer => Assert.NotEmpty(Built(answer)));
    }

    [Fact]
    public async Task What_is_not_here_is_an_error_in_the_call_which_goes_on()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var connection = host.Connect();
        ServerReflectionRequest[] unknown =
        [
            new() { FileContainingSymbol = "framewire.v1.Nothing" },
            new() { FileContainingSymbol = "" },
            new() { FileByFilename = "../video.proto" },
            new() { FileContainingExtension = new() { ContainingType = "framewire.v1.Frame", ExtensionNumber = 100 } },
            new() { AllExtensionNumbersOfType = "framewire.v1.Viewing" },
        ];

        var answers = await AskAsync(connection, older: false, [.. unknown, new() { AllExtensionNumbersOfType = "framewire.v1.Frame" }, new() { Host = "nothing asked" }]);

        Assert.All(answers.Take(unknown.Length), answer => Assert.Equal((int)GrpcStatusCode.NotFound, answer.ErrorResponse.ErrorCode));
        Assert.Equal(unknown, answers.Take(unknown.Length).Select(answer => answer.OriginalRequest));
        Assert.Equal(("framewire.v1.Frame", 0), (answers[^2].AllExtensionNumbersResponse.BaseTypeName, answers[^2].AllExtensionNumbersResponse.ExtensionNumber.Count));
        Assert.Equal((int)GrpcStatusCode.InvalidArgument, answers[^1].ErrorResponse.ErrorCode);
    }

    [Fact]
    public async Task Reflection_asks_for_no_token()
    {
        using var tokens = new Tokens();
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Access = tokens.Options });
        await using var connection = host.Connect();

        Assert.NotEmpty(Assert.Single(await AskAsync(connection, older: true, new ServerReflectionRequest { ListServices = "" })).ListServicesResponse.Service);
    }

    [Fact]
    public async Task A_call_asks_so_often_and_so_long_and_no_more()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var connection = host.Connect();
        var question = new ServerReflectionRequest { FileByFilename = "nothing" };
        var tooLong = new ServerReflectionRequest { FileByFilename = new string('x', ReflectionService.LongestRequest) };

        await AskAsync(connection, older: false, [.. Enumerable.Repeat(question, ReflectionService.MostRequests)]);
        var often = await Assert.ThrowsAsync<GrpcException>(() =>
            AskAsync(connection, older: false, [.. Enumerable.Repeat(question, ReflectionService.MostRequests + 1)]));
        var wordy = await Assert.ThrowsAsync<GrpcException>(() => AskAsync(connection, older: false, tooLong));

        Assert.Equal((GrpcStatusCode.ResourceExhausted, GrpcStatusCode.InvalidArgument), (often.Status.Code, wordy.Status.Code));
    }

    [Fact]
    public async Task A_call_that_asks_nothing_more_ends()
    {
        var clock = new ManualClock();
        await using var host = await WireHost.StartAsync(Served(clock));
        await using var connection = new ClientConnection(host.Address, Clients.Options);
        await using var call = connection.Start(ReflectionContract.ServerReflectionInfo, Soon);
        await call.Requests.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        Assert.True(await call.Responses.MoveNextAsync());
        // One timer for the question that came, one for the question that does not.
        await Eventually.TrueAsync(() => clock.TimersSet == 2);

        clock.Advance(ReflectionService.Patience);

        var ended = await Assert.ThrowsAsync<GrpcException>(async () => await call.Responses.MoveNextAsync());
        Assert.Equal(GrpcStatusCode.DeadlineExceeded, ended.Status.Code);
    }

    [Fact]
    public async Task A_call_that_is_open_does_not_hold_up_a_server_that_drains()
    {
        await using var host = await WireHost.StartAsync(Served(TimeProvider.System));
        await using var connection = new ClientConnection(host.Address, Clients.Options);
        await using var call = connection.Start(ReflectionContract.ServerReflectionInfo, Soon);
        await call.Requests.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        Assert.True(await call.Responses.MoveNextAsync());

        var draining = host.Dispatcher.DrainAsync(TimeSpan.FromMinutes(5));

        var ended = await Assert.ThrowsAsync<GrpcException>(async () => await call.Responses.MoveNextAsync());
        Assert.Equal(GrpcStatusCode.Unavailable, ended.Status.Code);
        await draining.WaitAsync(Patience);
    }

    [Theory]
    [InlineData("/grpc.health.v1.Health/Check")]
    [InlineData("/grpc.health.v1.Health/Watch")]
    [InlineData("/grpc.health.v1.Health/List")]
    [InlineData("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")]
    [InlineData("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")]
    public async Task Garbage_ends_its_call_and_nothing_else(string path)
    {
        await using var host = await FramewireHost.StartAsync();
        await using var raw = await RawConnection.OpenAsync(host.Address.Port);
        byte[][] garbage = [[0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0x0A, 0x02, 0xC3], [0xFF], [0x0A, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]];

        var stream = 1;
        foreach (var message in garbage)
        {
            var response = await raw.CallAsync(stream, RawConnection.Headers(path), [0, 0, 0, 0, (byte)message.Length, .. message]).WaitAsync(Patience);
            Assert.Equal((int)GrpcStatusCode.Internal, response.Status);
            stream += 2;
        }

        var good = await raw.CallAsync(stream, RawConnection.Headers("/grpc.health.v1.Health/Check"), [0, 0, 0, 0, 0]);
        Assert.Equal((int)GrpcStatusCode.Ok, good.Status);
        Assert.Equal([0, 0, 0, 0, 2, 8, 1], good.Body);
    }

    /// <summary>A server with nothing but this room.</summary>
    private static ServiceTable Served(TimeProvider time)
    {
        var services = new ServiceTable();
        services.AddDiscovery(time);
        return services;
    }
}
