namespace Framewire.Server.Access;

/// <summary>What a method or a path asks of its caller.</summary>
public enum Right
{
    /// <summary>Nothing: anybody may.</summary>
    None,

    /// <summary>That it is known who it is, whatever the rights.</summary>
    SignedIn,

    /// <summary>Putting frames into a stream.</summary>
    Publish,

    /// <summary>Seeing a stream live, and in the lists.</summary>
    Watch,

    /// <summary>Reading what is recorded of a stream.</summary>
    Record,

    /// <summary>Attaching a processor, which sees a stream's frames and answers for them.</summary>
    Process,

    /// <summary>Seeing inside the server: metrics, and everything that health tells.</summary>
    Admin,
}
