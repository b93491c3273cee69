namespace Framewire.Tests.Testing;

/// <summary>Waits for what another thread is about to make true. Stateless.</summary>
internal static class Eventually
{
    /// <summary>Looks again and again, and fails after ten seconds, or when the patience given is over.</summary>
    public static async Task TrueAsync(Func<bool> condition, TimeSpan? patience = null)
    {
        var limit = patience ?? TimeSpan.FromSeconds(10);
        using var timeout = new CancellationTokenSource(limit);
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            Assert.False(timeout.IsCancellationRequested, $"It did not become true within {limit.TotalSeconds:0.#} s.");
            await again.WaitForNextTickAsync();
        }
    }
}
