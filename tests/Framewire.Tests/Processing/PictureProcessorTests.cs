using Framewire.Protocol.Video;
using Framewire.Server.Processing;
using Framewire.Server.Processing.Pictures;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Processing;

/// <summary>The processors in this program, on pictures of which we know what is in them.</summary>
public sealed class PictureProcessorTests
{
    private static readonly StreamFormat Format = new(Codec.Gray, 320, 180);

    private static byte[] Scene(int seed = 1)
    {
        var random = new Random(seed);
        var picture = new byte[320 * 180];
        for (var i = 0; i < picture.Length; i++)
            picture[i] = (byte)(100 + (i % 320 / 4) + random.Next(-4, 5));
        return picture;
    }

    private static byte[] Flat(byte level) => [.. Enumerable.Repeat(level, 320 * 180)];

    /// <summary>A bright rectangle, in pixels.</summary>
    private static byte[] With(byte[] picture, int left, int top, int width, int height)
    {
        for (var y = top; y < top + height; y++)
            picture.AsSpan((y * 320) + left, width).Fill(250);
        return picture;
    }

    private static async Task<FrameResult> LookAsync(IFrameProcessor processor, byte[] picture, double seconds = 0)
    {
        var frame = Frames.One(1) with { CapturedAt = ManualClock.Start + TimeSpan.FromSeconds(seconds), Buffer = FrameBuffer.CopyOf(picture) };
        return (await processor.ProcessAsync(new ProcessorInput("cam", "s1", Format, frame), CancellationToken.None))!;
    }

    [Fact]
    public async Task Motion_is_where_something_moved_and_nowhere_else()
    {
        var motion = new MotionProcessor();
        await LookAsync(motion, Scene(1));
        var still = await LookAsync(motion, Scene(2));
        Assert.Equal((0, "0"), (still.Reply, still.Values["moved"]));

        var moved = await LookAsync(motion, With(With(Scene(3), 80, 40, 32, 48), 240, 120, 24, 24));

        Assert.Equal(2, moved.Reply);
        Assert.Equal(new Box(80 / 320f, 40 / 180f, 32 / 320f, 48 / 180f), Rounded(moved.Detections[0].Box!.Value));
        Assert.Equal(new Box(240 / 320f, 120 / 180f, 24 / 320f, 24 / 180f), Rounded(moved.Detections[1].Box!.Value));
        Assert.Equal(((32 * 48) + (24 * 24)) / (320.0 * 180), double.Parse(moved.Values["moved"], System.Globalization.CultureInfo.InvariantCulture), 3);
    }

    [Fact]
    public async Task What_stays_belongs_to_the_scene_after_a_while_and_another_scene_has_no_boxes()
    {
        var motion = new MotionProcessor();
        await LookAsync(motion, Scene());
        var came = await LookAsync(motion, With(Scene(), 80, 40, 32, 48));
        Assert.Equal(1, came.Reply);
        for (var n = 0; n < 100; n++)
            came = await LookAsync(motion, With(Scene(), 80, 40, 32, 48));
        Assert.Equal(0, came.Reply);

        var other = await LookAsync(motion, Flat(20));
        Assert.Equal((0, "true"), (other.Reply, other.Values["scene_changed"]));
        Assert.Equal(0, (await LookAsync(motion, Flat(20))).Reply);
    }

    [Fact]
    public void The_vectors_and_the_rest_behind_them_agree_with_plain_arithmetic()
    {
        const int pixels = 1003;
        var model = new MotionModel(pixels);
        var scene = new int[pixels];
        var random = new Random(7);
        for (var picture = 0; picture < 50; picture++)
        {
            var pixel = new byte[pixels];
            random.NextBytes(pixel);
            if (picture == 0)
                scene = Array.ConvertAll(pixel, level => level << 6);
            var expected = new byte[pixels];
            for (var i = 0; i < pixels; i++)
            {
                var difference = (pixel[i] << 6) - scene[i];
                scene[i] += difference >> 5;
                expected[i] = Math.Abs(difference) > 24 << 6 ? (byte)255 : (byte)0;
            }

            Assert.Equal(expected.Count(moved => moved != 0), model.Look(pixel));
            Assert.Equal(expected, model.Moved.ToArray());
        }
    }

    [Theory]
    [InlineData("dark", 2)]
    [InlineData("overexposed", 254)]
    [InlineData("covered", 100)]
    public async Task A_camera_that_sees_nothing_is_told_once_it_has_lasted(string trouble, byte level)
    {
        var health = new HealthProcessor();
        Assert.Empty((await LookAsync(health, Flat(level))).Detections);
        Assert.DoesNotContain(trouble, (await LookAsync(health, Flat(level), seconds: 0.5)).Detections.Select(found => found.Label));

        var lasting = await LookAsync(health, Flat(level), seconds: 1.1);

        var found = Assert.Single(lasting.Detections, found => found.Label == trouble);
        Assert.InRange(found.Score, 0.5f, 1f);
        Assert.Null(found.Box);
        Assert.Empty((await LookAsync(health, Scene(), seconds: 1.3)).Detections);
    }

    [Fact]
    public async Task A_picture_that_never_changes_is_frozen_and_one_with_noise_is_not()
    {
        var health = new HealthProcessor();
        FrameResult? last = null;
        for (var n = 0; n <= 60; n++)
            last = await LookAsync(health, Scene(), n / 5.0);
        Assert.Equal("frozen", Assert.Single(last!.Detections).Label);

        for (var n = 0; n <= 60; n++)
            last = await LookAsync(health, Scene(n), 20 + (n / 5.0));
        Assert.Empty(last.Detections);
    }

    [Fact]
    public void A_blurred_picture_has_contrast_and_no_edges()
    {
        var ramp = new byte[320 * 180];
        for (var i = 0; i < ramp.Length; i++)
            ramp[i] = (byte)(60 + (i % 320 / 2));
        var judged = HealthProcessor.Judge(PictureStatistics.Of(ramp, 320), isSame: false).Where(trouble => trouble.Score > 0).Select(trouble => trouble.Label);

        Assert.Equal(["blurred"], judged);
    }

    private static Box Rounded(Box box) => new(
        (float)Math.Round(box.X * 320) / 320f, (float)Math.Round(box.Y * 180) / 180f, (float)Math.Round(box.Width * 320) / 320f, (float)Math.Round(box.Height * 180) / 180f);
}
