using Framewire.Edge;
using Framewire.Edge.Links;
using Framewire.Protocol.Wire;

namespace Framewire.Tests.Edge;

/// <summary>Which failures end a publisher, and which are worth another try.</summary>
public sealed class LinkFailureTests
{
    private static readonly Uri Server = new("http://camera-server:50051");

    [Theory]
    [InlineData(GrpcStatusCode.Unimplemented, false, true)]
    [InlineData(GrpcStatusCode.Internal, false, true)]
    [InlineData(GrpcStatusCode.Unknown, false, true)]
    [InlineData(GrpcStatusCode.Unavailable, true, true)]
    [InlineData(GrpcStatusCode.AlreadyExists, true, true)]
    [InlineData(GrpcStatusCode.ResourceExhausted, true, true)]
    [InlineData(GrpcStatusCode.Aborted, false, false)]
    [InlineData(GrpcStatusCode.InvalidArgument, false, false)]
    [InlineData(GrpcStatusCode.PermissionDenied, false, false)]
    public void Before_the_first_answer_a_wrong_server_ends_it_and_after_it_only_a_refusal(GrpcStatusCode code, bool heals, bool healsLater)
    {
        var failure = new GrpcException(code, "Something.");

        Assert.Equal(heals, LinkFailure.Of(failure, Server, wasUp: false, "that").CanHeal);
        Assert.Equal(healsLater, LinkFailure.Of(failure, Server, wasUp: true, "that").CanHeal);
    }

    [Fact]
    public void Times_that_run_backwards_are_mistakes()
    {
        var options = new PublisherOptions { Server = Server, Stream = "cam", WaitForServer = TimeSpan.FromSeconds(-5), FlushTimeout = TimeSpan.FromSeconds(-5) };

        Assert.Equal(2, options.Validate().Count());
    }
}
