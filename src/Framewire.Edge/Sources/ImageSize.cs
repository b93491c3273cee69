using System.ComponentModel;
using System.Globalization;

namespace Framewire.Edge.Sources;

/// <summary>The width and height of an image in pixels, written <c>1280x720</c>. A value.</summary>
[TypeConverter(typeof(ImageSizeConverter))]
public readonly record struct ImageSize(int Width, int Height)
{
    /// <summary>From a pair of sides.</summary>
    public static implicit operator ImageSize((int Width, int Height) sides) => new(sides.Width, sides.Height);

    /// <summary>Reads <c>WxH</c>; whether the sides make sense is for <see cref="SourceOptions.Validate"/>.</summary>
    public static bool TryParse(string text, out ImageSize size)
    {
        var sides = text.Split('x', 'X');
        size = default;
        if (sides.Length != 2
            || !int.TryParse(sides[0], NumberStyles.None, CultureInfo.InvariantCulture, out var width)
            || !int.TryParse(sides[1], NumberStyles.None, CultureInfo.InvariantCulture, out var height))
        {
            return false;
        }

        size = new ImageSize(width, height);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Width}x{Height}";
}

/// <summary>Lets settings files and the environment say <c>1280x720</c>. Stateless.</summary>
internal sealed class ImageSizeConverter : TypeConverter
{
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

    public override object ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
        ImageSize.TryParse((string)value, out var size) ? size : throw new FormatException($"The size '{value}' is not WxH, for example 1280x720.");
}
