namespace Framewire.Tests.Testing;

/// <summary>Waits for what another thread is about to make true. Stateless.</summary>
internal static class Eventually
{
    /// <summary>Looks again and again, and fails after ten seconds.</summary>
    public static async Task TrueAsync(Func<bool> condition)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            Assert.False(timeout.IsCancellationRequested, "It did not become true within 10 s.");
            await again.WaitForNextTickAsync();
        }
    }
}
