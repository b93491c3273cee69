using System.Collections.Concurrent;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Framewire.Tests.Telemetry;

/// <summary>One span as it came by OTLP: opentelemetry/proto/trace/v1/trace.proto.</summary>
internal sealed record ReceivedSpan(string Trace, string Id, string Parent, string Name, ulong Start, ulong End, IReadOnlyDictionary<string, string> Attributes);

/// <summary>
/// An OTLP receiver over HTTP that reads what comes by the field numbers of OpenTelemetry's protos, without the SDK's code. Owned by one test.
/// </summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _bodies = new();

    private OtlpReceiver()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/v1/{signal}", async (HttpRequest request) =>
        {
            Assert.Equal("application/x-protobuf", request.ContentType);
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            _bodies.Enqueue((request.Path, body.ToArray()));
            return Results.Bytes([], "application/x-protobuf");
        });
    }

    public string Address => _app.Urls.Single();

    /// <summary>Every span: resource_spans 1, scope_spans 2, spans 2.</summary>
    public IReadOnlyList<ReceivedSpan> Spans => [.. Within("/v1/traces", 1, 2, 2).Select(Span)];

    /// <summary>The names of every metric: resource_metrics 1, scope_metrics 2, metrics 2, name 1.</summary>
    public IReadOnlySet<string> Metrics => Within("/v1/metrics", 1, 2, 2, 1).Select(name => Encoding.UTF8.GetString(name)).ToHashSet(StringComparer.Ordinal);

    public static async Task<OtlpReceiver> StartAsync()
    {
        var receiver = new OtlpReceiver();
        await receiver._app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private IEnumerable<byte[]> Within(string path, params int[] fields) =>
        fields.Aggregate(_bodies.Where(body => body.Path == path).Select(body => body.Body), (messages, field) => messages.SelectMany(message => Messages(message, field)));

    private static ReceivedSpan Span(byte[] span)
    {
        var attributes = Messages(span, 9).ToDictionary(pair => Encoding.UTF8.GetString(Messages(pair, 1).Single()), pair =>
        {
            var value = Messages(pair, 2).Single();
            return Messages(value, 1).SingleOrDefault() is { } text ? Encoding.UTF8.GetString(text) : Numbers(value, 3).Single().ToString(System.Globalization.CultureInfo.InvariantCulture);
        });
        return new(
            Convert.ToHexString(Messages(span, 1).Single()), Convert.ToHexString(Messages(span, 2).Single()), Convert.ToHexString(Messages(span, 4).SingleOrDefault() ?? []),
            Encoding.UTF8.GetString(Messages(span, 5).Single()), Numbers(span, 7).Single(), Numbers(span, 8).Single(), attributes);
    }

    private static IEnumerable<byte[]> Messages(byte[] message, int field) => Fields(message).Where(found => found.Field == field && found.Bytes is not null).Select(found => found.Bytes!);

    private static IEnumerable<ulong> Numbers(byte[] message, int field) => Fields(message).Where(found => found.Field == field && found.Bytes is null).Select(found => found.Number);

    private static List<(int Field, byte[]? Bytes, ulong Number)> Fields(byte[] message)
    {
        List<(int, byte[]?, ulong)> fields = [];
        using var input = new CodedInputStream(message);
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            var field = WireFormat.GetTagFieldNumber(tag);
            switch (WireFormat.GetTagWireType(tag))
            {
                case WireFormat.WireType.Varint:
                    fields.Add((field, null, input.ReadUInt64()));
                    break;
                case WireFormat.WireType.Fixed64:
                    fields.Add((field, null, input.ReadFixed64()));
                    break;
                case WireFormat.WireType.LengthDelimited:
                    fields.Add((field, input.ReadBytes().ToByteArray(), 0));
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }

        return fields;
    }
}
