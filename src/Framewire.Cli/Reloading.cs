using System.Runtime.InteropServices;
using Framewire.Server;
using Framewire.Server.Access;

namespace Framewire.Cli;

/// <summary>
/// What SIGHUP does to a server that runs: reads the settings again, and says what is wrong with them, or what of them waits for the next start. Tokens and
/// certificates need no signal: they are followed by themselves. Owned by the command; one signal at a time.
/// </summary>
internal sealed class Reloading : IDisposable
{
    private readonly Func<FramewireOptions> _read;
    private readonly FramewireOptions _running;
    private readonly AccessControl _access;
    private readonly Action<string> _say;
    private readonly PosixSignalRegistration _signal;

    public Reloading(Func<FramewireOptions> read, FramewireOptions running, AccessControl access, Action<string> say)
    {
        (_read, _running, _access, _say) = (read, running, access, say);
        _signal = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            // Without this the program would end: its terminal is said to be gone.
            context.Cancel = true;
            Reload();
        });
    }

    public void Dispose() => _signal.Dispose();

    /// <summary>Reads everything again.</summary>
    private void Reload()
    {
        _access.Check();
        try
        {
            var now = _read();
            var mistakes = now.Validate().ToList();
            _say(mistakes.Count > 0
                ? $"The settings are wrong, and those before stay: {string.Join(" ", mistakes)}"
                : Waiting(now) is { Count: > 0 } waiting ? $"Read the settings again; restart for what has changed: {string.Join(", ", waiting)}" : "Read the settings again: nothing has changed that needs a restart");
        }
        catch (UsageException e)
        {
            _say($"The settings are wrong, and those before stay: {e.Message}");
        }
    }

    private List<string> Waiting(FramewireOptions now) =>
        [.. typeof(FramewireOptions).GetProperties().Where(property => !Equals(property.GetValue(now), property.GetValue(_running))).Select(property => property.Name)];
}
