using Framewire.Protocol.Wire;

namespace Framewire.Server.Discovery;

/// <summary>How many calls of a kind may go on at the same time, in all and from one address, so that none takes all places. One for each kind; any thread.</summary>
internal sealed class CallPlaces(int most, int mostForAddress)
{
    private readonly Dictionary<string, int> _taken = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private int _all;

    /// <summary>A place for a call, given back when it is disposed.</summary>
    /// <param name="peer">Whose call it is: <c>ipv4:10.0.0.7:51234</c>. The port does not count.</param>
    /// <exception cref="GrpcException">RESOURCE_EXHAUSTED: all are taken.</exception>
    public IDisposable Take(string peer)
    {
        var address = peer.LastIndexOf(':') is var port and > 0 ? peer[..port] : peer;
        lock (_lock)
        {
            var mine = _taken.GetValueOrDefault(address);
            if (mine >= mostForAddress)
                throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"This address has {mine} calls of this kind; end one first.");
            if (_all >= most)
                throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"The server has {_all} calls of this kind; try again later.");
            _taken[address] = mine + 1;
            _all++;
        }
        return new Place(this, address);
    }

    private void GiveBack(string address)
    {
        lock (_lock)
        {
            _all--;
            if (--_taken[address] == 0)
                _taken.Remove(address);
        }
    }

    /// <summary>One place. Owned by its call, which gives it back once.</summary>
    private sealed class Place(CallPlaces places, string address) : IDisposable
    {
        public void Dispose() => places.GiveBack(address);
    }
}
