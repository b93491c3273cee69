namespace Framewire.Tests.Testing;

/// <summary>For tests that measure memory of the whole process: they run when no other does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuredAlone
{
    public const string Name = "Measured alone";
}
