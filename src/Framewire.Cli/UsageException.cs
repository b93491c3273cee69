namespace Framewire.Cli;

/// <summary>The command line or a setting is wrong. The message says what, on one line.</summary>
internal sealed class UsageException(string message) : Exception(message)
{
    /// <summary>Throws if there is any mistake, with all of them.</summary>
    public static void ThrowIfAny(IEnumerable<string> mistakes)
    {
        if (mistakes.ToList() is { Count: > 0 } all)
            throw new UsageException(string.Join(" ", all));
    }
}
