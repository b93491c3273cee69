using Framewire.Edge.Sources.Pattern;
using Framewire.Protocol.Log;
using Framewire.Protocol.Video;

namespace Framewire.Tests.Testing;

/// <summary>A frame in a recording; the counter of the test pattern is read off a gray picture.</summary>
internal sealed record RecordedPicture(string Session, ulong Sequence, TimeSpan Pts, string Hash, uint? Counter);

/// <summary>Everything on disk of one stream, read from the files themselves: the judge of what was promised. Stateless.</summary>
internal sealed class Recorded
{
    /// <summary>The frames, session after session, each by its sequence.</summary>
    public required IReadOnlyList<RecordedPicture> Pictures { get; init; }

    /// <summary>What is noted as missing.</summary>
    public required IReadOnlyList<Gap> Gaps { get; init; }

    public static Recorded In(string directory, string stream = "cam")
    {
        List<(DateTimeOffset Session, RecordedPicture Picture)> pictures = [];
        List<Gap> gaps = [];
        var folder = Path.Combine(directory, stream);
        foreach (var file in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.mcap") : [])
        {
            using var reader = SegmentReader.Open(file);
            foreach (var entry in reader.ReadAll())
            {
                if (entry is LogEntry.Missing missing)
                    gaps.Add(missing.Gap.Gap);
                if (entry is not LogEntry.Picture { Frame: var frame })
                    continue;
                pictures.Add((reader.Header.SessionStartedAt, Of(reader.Header, frame)));
                frame.Release();
            }

            Assert.Empty(reader.Damage);
        }

        return new Recorded
        {
            Pictures = [.. pictures.OrderBy(each => each.Session).ThenBy(each => each.Picture.Sequence).Select(each => each.Picture)],
            Gaps = gaps,
        };
    }

    /// <summary>No frame is there twice.</summary>
    public void HasNothingTwice() => Assert.Equal(
        Pictures.Select(picture => (picture.Session, picture.Sequence)).Distinct().Count(), Pictures.Count);

    private static RecordedPicture Of(SegmentHeader header, Frame frame)
    {
        var (width, height) = (header.Format.Width, header.Format.Height);
        uint? counter = header.Format.Codec == Codec.Gray && CounterBlocks.TryRead(frame.Payload.Span, width, height, width, out var read) ? read : null;
        return new RecordedPicture(header.Session, frame.Sequence, frame.Pts, Viewer.Hash(frame.Payload.Span), counter);
    }
}
