using Framewire.Protocol.Wire;
using Grpc.Reflection.V1;

namespace Framewire.Server.Discovery;

/// <summary>
/// <c>grpc.reflection.v1.ServerReflection</c>: tells tools which services there are and what their messages look like. There are no extensions in our files. One for a server; any thread.
/// </summary>
internal sealed class ReflectionService(ServiceTable services, SymbolIndex symbols, TimeProvider time)
{
    /// <summary>A tool asks a few dozen times.</summary>
    internal const int MostRequests = 1000;

    /// <summary>Bytes. Each question is sent back with its answer, and no name of ours is a tenth of this.</summary>
    internal const int LongestRequest = 1024;

    /// <summary>How long a call may wait for a question, or for the client to take an answer.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CallPlaces _places = new(most: 128, mostForAddress: 16);

    /// <summary>Handles one call from its first question to its status.</summary>
    public async Task HandleAsync(MessageReader<ServerReflectionRequest> requests, MessageWriter<ServerReflectionResponse> responses, ServerCall call)
    {
        using var place = _places.Take(call.Peer);
        for (var asked = 1; await AnswerNextAsync(requests, responses, call, asked); asked++)
        {
        }
    }

    /// <summary>Answers one question; false if there are no more.</summary>
    private async Task<bool> AnswerNextAsync(
        MessageReader<ServerReflectionRequest> requests, MessageWriter<ServerReflectionResponse> responses, ServerCall call, int asked)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, call.Draining);
        try
        {
            if (!await requests.MoveNextAsync(either.Token))
                return false;
            if (asked > MostRequests)
                throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"A call may ask {MostRequests} times; begin another.");
            if (requests.Current.CalculateSize() is var length and > LongestRequest)
                throw new GrpcException(GrpcStatusCode.InvalidArgument, $"A request may have {LongestRequest} bytes; this one has {length}.");
            await responses.WriteAsync(Answer(requests.Current), cancellation: either.Token);
            return true;
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested && !call.Cancellation.IsCancellationRequested)
        {
            throw call.Draining.IsCancellationRequested
                ? new GrpcException(GrpcStatusCode.Unavailable, "The server is shutting down.")
                : new GrpcException(GrpcStatusCode.DeadlineExceeded, $"Nothing was asked, or no answer taken, for {Patience.TotalSeconds:0} s.");
        }
    }

    /// <summary>The answer to one question.</summary>
    internal ServerReflectionResponse Answer(ServerReflectionRequest request)
    {
        var response = new ServerReflectionResponse { ValidHost = request.Host, OriginalRequest = request };
        switch (request.MessageRequestCase)
        {
            case ServerReflectionRequest.MessageRequestOneofCase.ListServices:
                response.ListServicesResponse = new() { Service = { services.Services.Select(name => new ServiceResponse { Name = name }) } };
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileByFilename when symbols.FindFile(request.FileByFilename) is { } files:
                response.FileDescriptorResponse = new() { FileDescriptorProto = { files } };
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol when symbols.FindSymbol(request.FileContainingSymbol) is { } files:
                response.FileDescriptorResponse = new() { FileDescriptorProto = { files } };
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType when symbols.IsMessage(request.AllExtensionNumbersOfType):
                response.AllExtensionNumbersResponse = new() { BaseTypeName = request.AllExtensionNumbersOfType };
                break;
            default:
                response.ErrorResponse = Error(request.MessageRequestCase);
                break;
        }
        return response;
    }

    private static ErrorResponse Error(ServerReflectionRequest.MessageRequestOneofCase asked)
    {
        var (code, message) = asked switch
        {
            ServerReflectionRequest.MessageRequestOneofCase.FileByFilename => (GrpcStatusCode.NotFound, "There is no such file here; ask for a symbol instead."),
            ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol => (GrpcStatusCode.NotFound, "Nothing here has this full name; list_services gives the services."),
            ServerReflectionRequest.MessageRequestOneofCase.FileContainingExtension => (GrpcStatusCode.NotFound, "There are no extensions here."),
            ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType => (GrpcStatusCode.NotFound, "No message here has this full name."),
            _ => (GrpcStatusCode.InvalidArgument, "The request asks nothing that is known here."),
        };
        return new() { ErrorCode = (int)code, ErrorMessage = message };
    }
}
