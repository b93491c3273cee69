using Framewire.Protocol.V1;
using Google.Protobuf.Reflection;
using Grpc.Health.V1;
using Grpc.Reflection.V1;

namespace Framewire.Protocol.Contracts;

/// <summary>The descriptions of the files under protos/ in which the contracts' services are. Each knows those that it imports. Any thread.</summary>
public static class ContractFiles
{
    /// <summary>All files with a service.</summary>
    public static IReadOnlyList<FileDescriptor> All { get; } =
    [
        IngestReflection.Descriptor,
        ViewingReflection.Descriptor,
        RecordingsReflection.Descriptor,
        ProcessingReflection.Descriptor,
        VideoReflection.Descriptor,
        HealthReflection.Descriptor,
        ReflectionReflection.Descriptor,
        Grpc.Reflection.V1Alpha.ReflectionReflection.Descriptor,
    ];
}
