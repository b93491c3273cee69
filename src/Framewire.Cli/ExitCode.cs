namespace Framewire.Cli;

/// <summary>What the exit code of every command says. README.md has the same table.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Failed; standard error says why.</summary>
    public const int Failed = 1;

    /// <summary>The command line or a setting is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The server was never found in the time given for that.</summary>
    public const int ServerNotFound = 3;
}
