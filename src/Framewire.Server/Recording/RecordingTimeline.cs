using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Video;
using DropReason = Framewire.Protocol.V1.DropReason;

namespace Framewire.Server.Recording;

/// <summary>What is recorded of a stream in a span of time, and what is missing and why. Pure but for the catalogue that it asks.</summary>
internal static class RecordingTimeline
{
    /// <summary>The most spans and gaps told.</summary>
    public const int Most = 10_000;

    /// <summary>A pause shorter than this, between frames that follow each other, is none.</summary>
    private static readonly TimeSpan NoPause = TimeSpan.FromSeconds(2);

    /// <summary>The spans and gaps.</summary>
    public static TimelineResponse Of(Catalogue catalogue, string stream, DateTimeOffset from, DateTimeOffset until)
    {
        var spans = Joined(catalogue.Find(stream, from, until));
        var held = spans.Select(span => span.Session).Distinct().ToDictionary(session => session, session => FilledIn(session, spans));
        var told = catalogue.Gaps(stream, from, until);
        List<RecordedGap> gaps = [.. Told(told, held), .. Between(spans, told)];
        gaps.AddRange(Pauses(spans, gaps));
        var response = new TimelineResponse();
        response.Spans.AddRange(Fewer(spans));
        response.Gaps.AddRange(gaps
            .OrderByDescending(gap => gap.UntilUnixMicros - gap.FromUnixMicros).Take(Most)
            .OrderBy(gap => gap.FromUnixMicros).ThenBy(gap => gap.FirstSequence));
        return response;
    }

    /// <summary>What of a session is in files now: told gaps in it have been filled in after all.</summary>
    private static SequenceSet FilledIn(string session, List<RecordedSpan> spans) => new(
        spans.Where(span => span.Session == session && span.Frames == span.LastSequence - span.FirstSequence + 1)
            .Select(span => new SequenceRun(span.FirstSequence, span.LastSequence)));

    private static List<RecordedSpan> Joined(IReadOnlyList<SegmentRow> rows)
    {
        List<RecordedSpan> spans = [];
        foreach (var row in rows)
        {
            var (from, until) = (Micros.Of(row.FirstCapturedAt), Micros.Of(row.LastCapturedAt));
            if (spans.Count > 0 && spans[^1] is var last && last.Session == row.Header.Session && last.LastSequence + 1 == row.FirstSequence
                && from - last.UntilUnixMicros < Micros.Of(NoPause) && last.Format.Equals(FormatCoding.ToWire(row.Header.Format)))
            {
                last.LastSequence = row.LastSequence;
                last.UntilUnixMicros = Math.Max(last.UntilUnixMicros, until);
                last.Frames += (ulong)row.Frames;
                continue;
            }

            spans.Add(new RecordedSpan
            {
                Session = row.Header.Session,
                FromUnixMicros = from,
                UntilUnixMicros = until,
                FirstSequence = row.FirstSequence,
                LastSequence = row.LastSequence,
                Frames = (ulong)row.Frames,
                Format = FormatCoding.ToWire(row.Header.Format),
            });
        }

        return spans;
    }

    private static IEnumerable<RecordedGap> Told(
        IReadOnlyList<(string Session, Protocol.Log.LogGap Gap)> gaps, Dictionary<string, SequenceSet> filledIn)
    {
        foreach (var (session, gap) in gaps.Where(gap => gap.Gap.Until != default))
        {
            var missing = new SequenceSet([new SequenceRun(gap.Gap.First, gap.Gap.Last)]);
            foreach (var run in filledIn.TryGetValue(session, out var held) ? held.Within(new SequenceRun(gap.Gap.First, gap.Gap.Last)) : [])
                missing.Remove(run);
            foreach (var run in missing.Runs)
                yield return ToWire(run.First, run.Last, (DropReason)gap.Gap.Reason, gap.From == default ? 0 : Micros.Of(gap.From), Micros.Of(gap.Until));
        }
    }

    /// <summary>What of a session lies between two spans and was not told, in the order of sequences: late spans may fill in early ones.</summary>
    private static IEnumerable<RecordedGap> Between(List<RecordedSpan> spans, IReadOnlyList<(string Session, Protocol.Log.LogGap Gap)> told)
    {
        foreach (var session in spans.GroupBy(span => span.Session))
        {
            RecordedSpan? before = null;
            foreach (var after in session.OrderBy(span => span.FirstSequence))
            {
                if (before is not null && after.FirstSequence > before.LastSequence + 1)
                {
                    foreach (var gap in Untold(before, after, told))
                        yield return gap;
                }

                before = before is null || after.LastSequence > before.LastSequence ? after : before;
            }
        }
    }

    private static IEnumerable<RecordedGap> Untold(RecordedSpan before, RecordedSpan after, IReadOnlyList<(string Session, Protocol.Log.LogGap Gap)> told)
    {
        var missing = new SequenceSet([new SequenceRun(before.LastSequence + 1, after.FirstSequence - 1)]);
        foreach (var (_, gap) in told.Where(gap => gap.Session == before.Session))
        {
            var run = new SequenceRun(gap.Gap.First, gap.Gap.Last);
            if (gap.Until == default)
            {
                foreach (var part in missing.Within(run))
                    yield return ToWire(part.First, part.Last, (DropReason)gap.Gap.Reason, before.UntilUnixMicros, after.FromUnixMicros);
            }

            missing.Remove(run);
        }

        foreach (var run in missing.Runs)
            yield return ToWire(run.First, run.Last, DropReason.Unspecified, before.UntilUnixMicros, after.FromUnixMicros);
    }

    /// <summary>Times in which nobody captured anything: no sequence is missing there.</summary>
    private static IEnumerable<RecordedGap> Pauses(List<RecordedSpan> spans, IReadOnlyList<RecordedGap> gaps)
    {
        var until = long.MaxValue;
        foreach (var span in spans.OrderBy(span => span.FromUnixMicros))
        {
            if (span.FromUnixMicros > until && span.FromUnixMicros - until >= Micros.Of(NoPause)
                && !gaps.Any(gap => gap.FromUnixMicros <= until && gap.UntilUnixMicros >= span.FromUnixMicros))
            {
                yield return ToWire(0, 0, DropReason.Unspecified, until, span.FromUnixMicros);
            }

            until = until == long.MaxValue ? span.UntilUnixMicros : Math.Max(until, span.UntilUnixMicros);
        }
    }

    /// <summary>No more than may be told: neighbours are told as one.</summary>
    private static IEnumerable<RecordedSpan> Fewer(List<RecordedSpan> spans)
    {
        spans.Sort((a, b) => a.FromUnixMicros.CompareTo(b.FromUnixMicros));
        var group = (spans.Count + Most - 1) / Most;
        if (group <= 1)
            return spans;
        return spans.Chunk(group).Select(neighbours =>
        {
            var joined = neighbours[0].Clone();
            (joined.UntilUnixMicros, joined.LastSequence) = (neighbours.Max(span => span.UntilUnixMicros), neighbours[^1].LastSequence);
            joined.Frames = neighbours.Aggregate(0ul, (sum, span) => sum + span.Frames);
            return joined;
        });
    }

    private static RecordedGap ToWire(ulong first, ulong last, DropReason reason, long from, long until) =>
        new() { FirstSequence = first, LastSequence = last, Reason = reason, FromUnixMicros = from, UntilUnixMicros = until };
}
