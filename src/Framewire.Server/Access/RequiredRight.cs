using Framewire.Protocol.Contracts;
using Framewire.Protocol.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Framewire.Server.Access;

/// <summary>Stands at an HTTP path: the right that whoever asks must have for some stream. A path without one is closed to all. Immutable.</summary>
public sealed record RequiredRight(Right Right);

/// <summary>
/// Which right each method asks for, by its exact path. Whether the caller has it for the stream in question is up to the method. A method that is not here
/// is closed to all. Stateless.
/// </summary>
public static class AccessTable
{
    /// <summary>The methods of every service.</summary>
    public static IReadOnlyDictionary<string, Right> Methods { get; } = new Dictionary<string, Right>(StringComparer.Ordinal)
    {
        [IngestContract.Publish.Path] = Right.Publish,
        [AnalyseContract.Analyse.Path] = Right.Publish,
        [ViewingContract.Watch.Path] = Right.Watch,
        [ViewingContract.ListStreams.Path] = Right.Watch,
        [RecordingsContract.List.Path] = Right.Record,
        [RecordingsContract.Timeline.Path] = Right.Record,
        [RecordingsContract.Read.Path] = Right.Record,
        [RecordingsContract.Find.Path] = Right.Record,
        [RecordingsContract.ReadResults.Path] = Right.Record,
        [ProcessingContract.Attach.Path] = Right.Process,
        [HealthContract.Check.Path] = Right.None,
        [HealthContract.Watch.Path] = Right.None,
        [HealthContract.List.Path] = Right.None,
        [ReflectionContract.ServerReflectionInfo.Path] = Right.None,
        [ReflectionContract.ServerReflectionInfoAlpha.Path] = Right.None,
    };

    /// <summary>The status for who may not call a method at all; null for who may.</summary>
    public static GrpcStatus? Admit(string path, CallIdentity? identity)
    {
        if (!Methods.TryGetValue(path, out var right))
            return new(GrpcStatusCode.PermissionDenied, "Nobody may call this method.");
        return (identity as Caller ?? Access.Caller.Nobody(AccessControl.Missing)).Refusal(right);
    }

    /// <summary>Says which right a path asks for.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder path, Right right)
        where TBuilder : IEndpointConventionBuilder => path.WithMetadata(new RequiredRight(right));

    /// <summary>Who sent a request.</summary>
    public static Caller Caller(this HttpRequest request) => request.HttpContext.Features.Get<Caller>() ?? Access.Caller.Nobody(AccessControl.Missing);
}
