using System.Globalization;

namespace Framewire.Protocol.Media;

/// <summary>
/// What a child may take that is fed with what strangers send: so much memory, no file, no dump of itself (setrlimit(2), by util-linux's prlimit). Immutable.
/// </summary>
/// <param name="MemoryBytes">Its address space.</param>
public sealed record ChildLimits(long MemoryBytes)
{
    private static readonly string? Prlimit = Programs.Find("prlimit");

    /// <summary>What goes before its command.</summary>
    internal string[] Guard => Prlimit is null
        ? []
        : [Prlimit, string.Create(CultureInfo.InvariantCulture, $"--as={MemoryBytes}"), "--fsize=0", "--core=0"];
}
