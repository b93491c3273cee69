using Framewire.Protocol.V1;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using Framewire.Server.Forms;
using Codec = Framewire.Protocol.Video.Codec;

namespace Framewire.Server.Processing;

/// <summary>Checks everything a processor says in Attach before any of it is used. Pure.</summary>
internal static class AttachCheck
{
    private const int MaxPatterns = 64;
    private const int MaxPatternLength = 64;
    private const int MaxCredit = 64;
    private const int MaxAgentLength = 128;
    private const double MaxFrameRate = 1000;

    /// <summary>What the processor is, and its credit.</summary>
    /// <exception cref="GrpcException">INVALID_ARGUMENT, with what is wrong.</exception>
    public static (ProcessorSpec Spec, int Credit) Check(Attach? attach)
    {
        if (attach is null)
            throw Invalid("The first message must be Attach.");
        if (!StreamName.TryParse(attach.Processor, out var name))
            throw Invalid($"That cannot be the name of a processor: a name is {StreamName.Rule}.");
        if (attach.Streams.Count is 0 or > MaxPatterns || attach.Streams.Any(pattern => pattern.Length is 0 or > MaxPatternLength || pattern.Any(char.IsControl)))
            throw Invalid($"A processor names 1 to {MaxPatterns} streams, such as 'cam-*', each in 1 to {MaxPatternLength} characters.");
        if (attach.Credit > MaxCredit)
            throw Invalid($"The credit {attach.Credit} is more than {MaxCredit}.");
        if (!Enum.IsDefined(attach.Mode))
            throw Invalid($"The mode {(int)attach.Mode} is not known here.");
        if (attach.Agent.Length > MaxAgentLength)
            throw Invalid($"The agent is longer than {MaxAgentLength} characters.");
        return (new ProcessorSpec(name.Value, [.. attach.Streams], FormIn(attach.Form ?? new()), attach.Mode is Mode.Lossless), (int)Math.Max(attach.Credit, 1));
    }

    private static FrameForm FormIn(Protocol.V1.FrameForm form)
    {
        if (form.Codec is not (Protocol.V1.Codec.Unspecified or Protocol.V1.Codec.Jpeg or Protocol.V1.Codec.Gray or Protocol.V1.Codec.Bgr))
            throw Invalid($"Frames are not made into codec {(int)form.Codec}: ask for JPEG, gray or BGR, or leave it out for frames as they are.");
        var isRaw = form.Codec is Protocol.V1.Codec.Gray or Protocol.V1.Codec.Bgr;
        if (form.Width > FormSpec.MaxSide || form.Height > FormSpec.MaxSide || (form.Height > 0 && form.Width == 0) || (form.Width > 0 && !isRaw))
            throw Invalid($"A size goes with gray or BGR, up to {FormSpec.MaxSide} a side, and a height needs a width.");
        if (!double.IsFinite(form.FrameRate) || form.FrameRate is < 0 or > MaxFrameRate)
            throw Invalid($"The frame rate must be 0 to {MaxFrameRate}.");
        return new FrameForm(form.Codec is Protocol.V1.Codec.Unspecified ? null : (Codec)form.Codec, (int)form.Width, (int)form.Height, form.FrameRate);
    }

    private static GrpcException Invalid(string message) => new(GrpcStatusCode.InvalidArgument, message);
}
