using System.Globalization;

namespace Framewire.Tests.Testing;

/// <summary>A packet as ffprobe sees it. A value.</summary>
internal sealed record ProbedPacket(TimeSpan Pts, bool IsKey, int Size);

/// <summary>Asks ffprobe what a file holds. Stateless.</summary>
internal static class Probe
{
    public static async Task<IReadOnlyList<ProbedPacket>> PacketsAsync(string path)
    {
        string[] ask = ["-v", "error", "-select_streams", "v:0", "-show_entries", "stream=time_base:packet=pts,flags,size", "-of", "compact", path];
        var lines = await Tool.LinesAsync("ffprobe", ask);
        var unit = Field(lines.Single(line => line.StartsWith("stream|", StringComparison.Ordinal)), "time_base").Split('/');
        var seconds = decimal.Parse(unit[0], CultureInfo.InvariantCulture) / decimal.Parse(unit[1], CultureInfo.InvariantCulture);
        return
        [
            .. lines.Where(line => line.StartsWith("packet|", StringComparison.Ordinal)).Select(line => new ProbedPacket(
                TimeSpan.FromTicks((long)Math.Round(long.Parse(Field(line, "pts"), CultureInfo.InvariantCulture) * seconds * TimeSpan.TicksPerSecond, MidpointRounding.AwayFromZero)),
                Field(line, "flags").StartsWith('K'),
                int.Parse(Field(line, "size"), CultureInfo.InvariantCulture))),
        ];
    }

    private static string Field(string line, string name) =>
        line.Split('|').Select(part => part.Split('=')).Single(part => part[0] == name)[1];
}
