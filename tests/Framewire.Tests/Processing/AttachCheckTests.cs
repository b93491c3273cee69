using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Server.Processing;
using FrameForm = Framewire.Protocol.V1.FrameForm;

namespace Framewire.Tests.Processing;

/// <summary>What a processor may say of itself.</summary>
public sealed class AttachCheckTests
{
    private static Attach Good() => new() { Processor = "people", Streams = { "cam-*" } };

    public static TheoryData<string, string> Mistakes => new()
    {
        { "none", "The first message must be Attach" },
        { "name", "cannot be the name of a processor" },
        { "no streams", "names 1 to 64 streams" },
        { "empty stream", "names 1 to 64 streams" },
        { "control character", "names 1 to 64 streams" },
        { "too many streams", "names 1 to 64 streams" },
        { "credit", "The credit 65 is more than 64" },
        { "mode", "The mode 9 is not known here" },
        { "agent", "The agent is longer" },
        { "h264", "Frames are not made into codec 4" },
        { "height alone", "a height needs a width" },
        { "too large", "up to 8192 a side" },
        { "size of JPEG", "A size goes with gray or BGR" },
        { "frame rate", "The frame rate must be 0 to 1000" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Each_mistake_is_refused_with_what_is_wrong(string what, string expected)
    {
        var attach = Good();
        switch (what)
        {
            case "name": attach.Processor = "../etc"; break;
            case "no streams": attach.Streams.Clear(); break;
            case "empty stream": attach.Streams.Add(""); break;
            case "control character": attach.Streams.Add("cam\n"); break;
            case "too many streams": attach.Streams.Add(Enumerable.Repeat("a", 64)); break;
            case "credit": attach.Credit = 65; break;
            case "mode": attach.Mode = (Mode)9; break;
            case "agent": attach.Agent = new string('a', 129); break;
            case "h264": attach.Form = new FrameForm { Codec = Codec.H264 }; break;
            case "height alone": attach.Form = new FrameForm { Codec = Codec.Gray, Height = 10 }; break;
            case "too large": attach.Form = new FrameForm { Codec = Codec.Gray, Width = 8193 }; break;
            case "size of JPEG": attach.Form = new FrameForm { Codec = Codec.Jpeg, Width = 64 }; break;
            case "frame rate": attach.Form = new FrameForm { FrameRate = double.NaN }; break;
        }

        var refused = Assert.Throws<GrpcException>(() => AttachCheck.Check(what == "none" ? null : attach));

        Assert.Equal(GrpcStatusCode.InvalidArgument, refused.Status.Code);
        Assert.Contains(expected, refused.Status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        var (spec, credit) = AttachCheck.Check(Good());

        Assert.Equal((1, false, default), (credit, spec.EveryFrame, spec.Form));
        Assert.True(spec.Matches("cam-1"));
        Assert.False(spec.Matches("door"));
    }
}
