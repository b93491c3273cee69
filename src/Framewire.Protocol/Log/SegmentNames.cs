namespace Framewire.Protocol.Log;

/// <summary>What the files of a log are called.</summary>
public static class SegmentNames
{
    /// <summary>The end of the name of every segment.</summary>
    public const string Extension = ".mcap";
}
