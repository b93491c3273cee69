using Framewire.Server.Streams;

namespace Framewire.Server.Forms;

/// <summary>One reader's place on a stream's other form. Owned by one loop, which reads until it disposes it.</summary>
public sealed class FormReader : IDisposable
{
    private readonly StreamForm _form;
    private readonly Subscription _subscription;
    private readonly Action _leave;
    private bool _left;

    internal FormReader(StreamForm form, Subscription subscription, Action leave) => (_form, _subscription, _leave) = (form, subscription, leave);

    /// <summary>Why the form has ended; null if it has not, or nobody is to blame.</summary>
    public string? Failure => _form.Failure;

    /// <summary>The next thing that happened, as of any subscription; null when the form has ended.</summary>
    public ValueTask<StreamEvent?> NextAsync(CancellationToken cancellation) => _subscription.NextAsync(cancellation);

    /// <summary>Leaves the form.</summary>
    public void Dispose()
    {
        if (_left)
            return;
        _left = true;
        _subscription.Dispose();
        _leave();
    }
}
