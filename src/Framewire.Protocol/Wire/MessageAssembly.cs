using System.Buffers;

namespace Framewire.Protocol.Wire;

/// <summary>
/// A large message on its way in, whose bytes are taken as they come: copied while the processor still has them at hand, and not once more at the end.
/// Owned by the reader that began it; one thread.
/// </summary>
public abstract class MessageAssembly<T> : IDisposable
{
    /// <summary>The next bytes; never more than the message has.</summary>
    public abstract void Append(in ReadOnlySequence<byte> bytes);

    /// <summary>The message, after its last byte. Whoever gets it holds what is in it.</summary>
    public abstract T Finish();

    /// <summary>Gives up what has come, unless the message is finished.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
