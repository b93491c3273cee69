using Framewire.Edge.Links;

namespace Framewire.Edge.Doctor;

/// <summary>A check came out badly. Owned by whoever catches it.</summary>
/// <param name="failure">Why.</param>
/// <param name="goOn">Whether what comes after can be checked all the same.</param>
internal sealed class CheckFailedException(ConnectFailure failure, bool goOn = false) : Exception(failure.Message)
{
    public ConnectFailure Failure => failure;

    public bool GoOn => goOn;
}

/// <summary>A check cannot be made here. Owned by whoever catches it.</summary>
internal sealed class NotCheckedException(string why) : Exception(why);
