using Framewire.Protocol.Log;
using Framewire.Protocol.V1;
using Framewire.Server.Recording;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Recording;

/// <summary>Single sightings become stretches.</summary>
public sealed class FindingsTests
{
    /// <summary>Each finding as <c>label 3-5 99-165 frames most score@sequence</c>, with its session if that is not the usual one.</summary>
    private static string[] Find(FindRequest request, params LogEntry.Results[] results) => Told(Findings.In(results.Select(entry => entry.Of), request));

    private static string[] Told(FindResponse response) => [.. response.Findings.Select(finding => FormattableString.Invariant(
        $"{finding.Label} {finding.FirstSequence}-{finding.LastSequence} {Millis(finding.FromUnixMicros)}-{Millis(finding.UntilUnixMicros)} {finding.Frames} {finding.Most} {finding.MaxScore}@{finding.BestSequence}{(finding.Session == "session-a" ? "" : " " + finding.Session)}{(finding.Processor == "people" ? "" : " " + finding.Processor)}"))];

    private static long Millis(long micros) => (micros / 1000) - Segments.Start.ToUnixTimeMilliseconds();

    private static LogEntry.Results At(long millis, ulong sequence, string label = "person", float score = 0.5f) =>
        Segments.Results(sequence, [label], score, capturedMillis: millis);

    [Fact]
    public void Those_near_each_other_are_one_and_far_ones_are_two()
    {
        LogEntry.Results[] seen = [At(0, 1), At(1000, 2, score: 0.75f), At(2001, 3), At(2002, 4)];

        Assert.Equal(["person 1-2 0-1000 2 1 0.75@2", "person 3-4 2001-2002 2 1 0.5@3"], Find(new FindRequest(), seen));
        Assert.Equal(["person 1-4 0-2002 4 1 0.75@2"], Find(new FindRequest { MergeMillis = 1001 }, seen));
        Assert.Equal(["person 1-1 0-0 1 1 0.5@1", "person 2-2 1000-1000 1 1 0.75@2", "person 3-4 2001-2002 2 1 0.5@3"], Find(new FindRequest { MergeMillis = 999 }, seen));
    }

    [Fact]
    public void Labels_processors_and_sessions_are_kept_apart()
    {
        LogEntry.Results[] seen =
        [
            Segments.Results(1, ["person", "cat", "person"]), Segments.Results(1, ["person"], processor: "other"),
            Segments.Results(2, ["person"], session: "session-b"), Segments.Results(3, ["person"]),
        ];

        Assert.Equal(
            ["person 1-3 33-99 2 2 0.5@1", "cat 1-1 33-33 1 1 0.5@1", "person 1-1 33-33 1 1 0.5@1 other", "person 2-2 66-66 1 1 0.5@2 session-b"],
            Find(new FindRequest(), seen));
        Assert.Equal(["cat 1-1 33-33 1 1 0.5@1"], Find(new FindRequest { Label = "cat" }, seen));
        Assert.Equal(["person 1-1 33-33 1 1 0.5@1 other"], Find(new FindRequest { Processor = "other" }, seen));
        Assert.Empty(Find(new FindRequest { Label = "Cat" }, seen));
    }

    [Fact]
    public void Only_what_is_sure_enough_counts()
    {
        LogEntry.Results[] seen = [At(0, 1, score: 0.25f), At(100, 2, score: 0.5f), At(200, 3, score: -1)];

        Assert.Equal(["person 2-2 100-100 1 1 0.5@2"], Find(new FindRequest { MinScore = 0.5f }, seen));
        Assert.Equal(["person 1-2 0-100 2 1 0.5@2"], Find(new FindRequest { MinScore = 0 }, seen));
        Assert.Equal(["person 3-3 200-200 1 1 -1@3"], Find(new FindRequest(), seen[2..]));
    }

    [Fact]
    public void No_more_are_found_than_asked_for_and_those_are_whole()
    {
        var read = 0;
        LogEntry.Results[] seen = [At(0, 1), At(500, 2, "cat"), At(900, 3), At(1000, 4, "dog"), At(1800, 5), At(2800, 6, "dog"), At(9000, 7), At(9001, 8)];
        var found = Findings.In(seen.Select(entry => (read++, entry.Of).Of), new FindRequest { MaxFindings = 2 });

        Assert.Equal(["person 1-5 0-1800 3 1 0.5@1", "cat 2-2 500-500 1 1 0.5@2"], Told(found));
        Assert.True(found.More);
        Assert.Equal(7, read);
        Assert.False(Findings.In(seen[..2].Select(entry => entry.Of), new FindRequest { MaxFindings = 2 }).More);
        var many = Enumerable.Range(1, 20_000).Select(i => At(i, (ulong)i, $"thing {i}").Of);
        Assert.Equal((Findings.Most, true), Findings.In(many, new FindRequest { MaxFindings = 50_000 }) is var most ? (most.Findings.Count, most.More) : default);
    }

    [Fact]
    public void What_comes_out_of_order_is_put_in_order()
    {
        Assert.Equal(["person 2-2 10-10 1 1 0.5@2", "person 1-3 8000-9000 2 1 0.5@1"], Find(new FindRequest(), At(9000, 1), At(8000, 3), At(10, 2)));
    }

    [Fact]
    public void Frames_shown_in_another_order_than_decoded_have_all_their_sequences()
    {
        Assert.Equal(["person 3-5 10-30 3 1 0.5@4"], Find(new FindRequest(), At(10, 4), At(20, 3), At(30, 5)));
    }
}
