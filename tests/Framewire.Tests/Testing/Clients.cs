using Framewire.Protocol.Wire;

namespace Framewire.Tests.Testing;

/// <summary>
/// What clients in tests connect with. The environment chooses what speaks HTTP/2, for the programs that tests start too, so that every test can be run on
/// either: <c>FRAMEWIRE_Connection__Transport=SocketsHttpHandler</c>.
/// </summary>
internal static class Clients
{
    public static ClientConnectionOptions Options { get; } = new()
    {
        Transport = Enum.Parse<ClientTransport>(Environment.GetEnvironmentVariable("FRAMEWIRE_Connection__Transport") ?? nameof(ClientTransport.Framewire)),
    };
}
