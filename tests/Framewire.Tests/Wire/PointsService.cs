using System.Globalization;
using System.Text;
using Framewire.Protocol.Wire;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Wire;

/// <summary>A service for the tests of single points of the protocol: each method does one thing that a hostile client can ask about. Shared by a class of tests.</summary>
public sealed class PointsService : IAsyncLifetime
{
    public const int MaxMessageBytes = 64 * 1024;

    internal static readonly Method<byte[], byte[]> Echo = Of(CallKind.Unary, nameof(Echo));
    internal static readonly Method<byte[], byte[]> Count = Of(CallKind.ClientStreaming, nameof(Count));
    internal static readonly Method<byte[], byte[]> EchoAll = Of(CallKind.Duplex, nameof(EchoAll));
    internal static readonly Method<byte[], byte[]> Hang = Of(CallKind.Duplex, nameof(Hang));
    internal static readonly Method<byte[], byte[]> Fail = Of(CallKind.Unary, nameof(Fail));
    internal static readonly Method<byte[], byte[]> Refuse = Of(CallKind.Duplex, nameof(Refuse));
    internal static readonly Method<byte[], byte[]> ShowHeaders = Of(CallKind.Unary, nameof(ShowHeaders));
    internal static readonly Method<byte[], byte[]> Binary = Of(CallKind.Unary, nameof(Binary));
    internal static readonly Method<byte[], byte[]> Squeeze = Of(CallKind.Unary, nameof(Squeeze));

    private WireHost? _host;
    private int _calls;

    public int Port => _host!.Port;

    internal WireHost Host => _host!;

    /// <summary>How many calls reached a handler.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public async ValueTask InitializeAsync() =>
        _host = await WireHost.StartAsync(Table(), wire: new WireOptions { MaxMessageBytes = MaxMessageBytes });

    public ValueTask DisposeAsync() => _host!.DisposeAsync();

    internal ServiceTable Table()
    {
        var services = new ServiceTable();
        services.AddUnary(Echo, (request, _) => Seen(Task.FromResult(request)));
        services.AddClientStreaming(Count, CountAsync);
        services.AddDuplex(EchoAll, EchoAllAsync);
        services.AddDuplex(Hang, (_, _, call) => Seen(Task.Delay(Timeout.Infinite, call.Cancellation)));
        services.AddUnary(Fail, (_, _) => throw new InvalidOperationException("A secret of the house."));
        services.AddDuplex(Refuse, (_, _, _) => throw new GrpcException(GrpcStatusCode.ResourceExhausted, "100% full\n☺"));
        services.AddUnary(ShowHeaders, (_, call) =>
            Seen(Task.FromResult(Encoding.Latin1.GetBytes(string.Join('\n', call.RequestHeaders.Select(header => $"{header.Key}={header.Value}"))))));
        services.AddUnary(Binary, (_, call) =>
        {
            var values = call.RequestHeaders.GetAllBinary("x-a-bin").Select(Convert.ToHexString).ToList();
            call.ResponseTrailers.AddBinary("x-b-bin", [1]);
            return Seen(Task.FromResult(Encoding.ASCII.GetBytes(string.Join(' ', values))));
        });
        services.AddUnary(Squeeze, (request, call) =>
        {
            call.CompressResponses = true;
            return Seen(Task.FromResult(request));
        });
        return services;
    }

    /// <summary>A message as it is on the wire: flag, length, body.</summary>
    internal static byte[] Message(byte[] body, byte flag = 0, uint? length = null)
    {
        var size = length ?? (uint)body.Length;
        return [flag, (byte)(size >> 24), (byte)(size >> 16), (byte)(size >> 8), (byte)size, .. body];
    }

    private static async Task<byte[]> CountAsync(MessageReader<byte[]> requests, ServerCall call)
    {
        var count = 0;
        while (await requests.MoveNextAsync(call.Cancellation))
            count++;
        return Encoding.ASCII.GetBytes(count.ToString(CultureInfo.InvariantCulture));
    }

    private static async Task EchoAllAsync(MessageReader<byte[]> requests, MessageWriter<byte[]> responses, ServerCall call)
    {
        while (await requests.MoveNextAsync(call.Cancellation))
            await responses.WriteAsync(requests.Current, true, call.Cancellation);
    }

    private TTask Seen<TTask>(TTask task)
    {
        Interlocked.Increment(ref _calls);
        return task;
    }

    private static Method<byte[], byte[]> Of(CallKind kind, string name) => new(kind, "test.Points", name, BytesMarshaller.Instance, BytesMarshaller.Instance);
}
