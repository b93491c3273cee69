using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;

namespace Framewire.Protocol.Wire;

/// <summary>One HTTP/2 stream on SocketsHttpHandler. Owned by one call; its reader and its writer may use it at the same time.</summary>
internal sealed class SocketsExchange : HttpExchange
{
    private static readonly StreamPipeReaderOptions ReaderOptions = new(bufferSize: 32 * 1024, minimumReadSize: 4 * 1024);

    private readonly HttpRequestMessage _request;
    private readonly DuplexContent _content;
    private HttpResponseMessage? _response;
    private PipeReader? _body;
    private CancellationTokenRegistration _abort;

    public SocketsExchange(HttpMessageInvoker invoker, Uri address, string? authority, RequestHead head, CancellationToken over)
    {
        _content = new DuplexContent(flushHeaders: !head.BodyFollows);
        _request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, head.Path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = _content,
        };
        _request.Headers.Host = authority;
        foreach (var (name, value) in head.Headers)
        {
            // HttpClient keeps some names for the body: allow, content-*, expires, last-modified.
            if (!_request.Headers.TryAddWithoutValidation(name, value))
                _content.Headers.TryAddWithoutValidation(name, value);
        }
        Head = SendAsync(invoker, over);
    }

    public override Task<ResponseHead> Head { get; }

    public override PipeReader ResponseBody => _body ?? throw new InvalidOperationException("The response has not begun.");

    public override Task<PipeWriter> OpenRequestBodyAsync(CancellationToken cancellation) => _content.Opened.WaitAsync(cancellation);

    public override async ValueTask CompleteRequestAsync()
    {
        if (_content.Opened.IsCompletedSuccessfully)
        {
            try
            {
                await (await _content.Opened).CompleteAsync();
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or HttpRequestException)
            {
                // The call has ended; its status says why.
            }
        }
        _content.End();
    }

    public override Metadata ReadTrailers() => ReadHeaders(_response!.TrailingHeaders);

    public override GrpcException Explain(Exception failure) => TransportFailures.Explain(failure, _content.WantedAgain);

    public override ValueTask DisposeAsync()
    {
        _abort.Dispose();
        _response?.Dispose();
        _content.End();
        _request.Dispose();
        return default;
    }

    private async Task<ResponseHead> SendAsync(HttpMessageInvoker invoker, CancellationToken over)
    {
        try
        {
            _response = await invoker.SendAsync(_request, over);
            _body = PipeReader.Create(await _response.Content.ReadAsStreamAsync(over), ReaderOptions);
            _abort = over.UnsafeRegister(static exchange => ((SocketsExchange)exchange!).Abort(), this);
            var headers = ReadHeaders(_response.Headers);
            foreach (var (name, values) in _response.Content.Headers.NonValidated)
            {
                foreach (var value in values)
                    headers.AddUnchecked(name, value);
            }
            return new ResponseHead((int)_response.StatusCode, headers);
        }
        catch (OperationCanceledException e) when (over.IsCancellationRequested)
        {
            _content.Fail(e);
            throw;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            var explained = Explain(e);
            _content.Fail(explained);
            throw explained;
        }
        catch (ObjectDisposedException e)
        {
            var explained = new GrpcException(GrpcStatusCode.Cancelled, "The connection was disposed at this end.", e);
            _content.Fail(explained);
            throw explained;
        }
    }

    private void Abort()
    {
        _body!.CancelPendingRead();
        // A response that is disposed before its end resets the HTTP/2 stream with CANCEL.
        _response!.Dispose();
    }

    private static Metadata ReadHeaders(HttpHeaders headers)
    {
        var read = new Metadata();
        foreach (var (name, values) in headers.NonValidated)
        {
            foreach (var value in values)
                read.AddUnchecked(name, value);
        }
        return read;
    }
}
