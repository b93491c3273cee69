using Framewire.Server.Streams;

namespace Framewire.Server.Forms;

/// <summary>One reader's place on a stream's other form. Owned by one loop, which reads until it disposes it.</summary>
internal sealed class FormReader(JpegForm form, Subscription subscription, Action leave) : IDisposable
{
    private bool _left;

    /// <summary>Why the form has ended; null if it has not, or nobody is to blame.</summary>
    public string? Failure => form.Failure;

    /// <summary>The next thing that happened, as of any subscription; null when the form has ended.</summary>
    public ValueTask<StreamEvent?> NextAsync(CancellationToken cancellation) => subscription.NextAsync(cancellation);

    /// <summary>Leaves the form.</summary>
    public void Dispose()
    {
        if (_left)
            return;
        _left = true;
        subscription.Dispose();
        leave();
    }
}
