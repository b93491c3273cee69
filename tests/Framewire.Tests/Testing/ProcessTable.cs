namespace Framewire.Tests.Testing;

/// <summary>Which processes run, from <c>/proc</c>. Stateless.</summary>
internal static class ProcessTable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Everything that a process started, and what that started.</summary>
    public static IReadOnlyList<int> DescendantsOf(int process)
    {
        var parents = Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? id : 0)
            .Where(id => id > 0)
            .Select(id => (Id: id, Parent: Stat(id)?.Parent ?? 0))
            .ToLookup(entry => entry.Parent, entry => entry.Id);
        var found = new List<int>(parents[process]);
        for (var i = 0; i < found.Count; i++)
            found.AddRange(parents[found[i]]);
        return found;
    }

    /// <summary>Waits until none of them runs; a zombie does not.</summary>
    public static async Task WaitForEndAsync(IEnumerable<int> processes)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (processes.Any(IsRunning))
            await timer.WaitForNextTickAsync(patience.Token);
    }

    /// <summary>Waits until a process has started one whose command line holds a text.</summary>
    public static async Task<int> WaitForChildAsync(int process, string text)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            if (DescendantsOf(process).FirstOrDefault(id => CommandLine(id).Contains(text, StringComparison.Ordinal)) is var child and > 0)
                return child;
            await timer.WaitForNextTickAsync(patience.Token);
        }
    }

    public static string CommandLine(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").TrimEnd('\0').Replace('\0', ' ');
        }
        catch (IOException)
        {
            return "";
        }
    }

    public static bool IsRunning(int process) => Stat(process) is { State: not 'Z' };

    /// <summary>proc(5): pid (name) state parent ...</summary>
    private static (char State, int Parent)? Stat(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            var parts = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (parts[0][0], int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
