using System.Globalization;
using Framewire.Protocol.Video;

namespace Framewire.Server.Processing.Pictures;

/// <summary>
/// Says how much of the picture moved, and where. Looks at grey pictures 320 pixels wide. A camera that turns, or a lamp that is switched,
/// changes nearly all of it: that is told as a change of scene, without boxes.
/// </summary>
public sealed class MotionProcessor : IFrameProcessor
{
    private const int Width = 320;

    /// <summary>When more of the picture than this moved, it is another scene.</summary>
    private const double SceneChange = 0.7;

    private MotionModel? _model;
    private StreamFormat? _format;

    /// <inheritdoc/>
    public FrameForm Form => new(Codec.Gray, Width);

    /// <inheritdoc/>
    public ValueTask<FrameResult?> ProcessAsync(ProcessorInput input, CancellationToken cancellation)
    {
        var picture = input.Frame.Payload.Span;
        var format = input.Format;
        if (_model is null || format != _format)
            (_model, _format) = (new MotionModel(picture.Length), format);
        var share = _model.Look(picture) / (double)picture.Length;
        var isOtherScene = share > SceneChange;
        if (isOtherScene)
            _model.Forget(picture);
        var boxes = isOtherScene ? [] : MotionBoxes.Around(_model.Moved, format.Width, format.Height);
        var values = new Dictionary<string, string> { ["moved"] = share.ToString("0.####", CultureInfo.InvariantCulture) };
        if (isOtherScene)
            values["scene_changed"] = "true";
        return new(new FrameResult { Reply = boxes.Count, Detections = boxes, Values = values });
    }
}
