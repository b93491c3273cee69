using Framewire.Protocol.Video;
using Framewire.Server.Processing;

namespace Framewire.Tests.Processing;

/// <summary>Who gets the next frame, and who waits.</summary>
public sealed class WorkerPoolTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly WorkerPool _pool = new();

    [Fact]
    public async Task Frames_go_to_whoever_has_most_room()
    {
        var (one, other) = (new Idle(), new Idle());
        _pool.Add(one, credit: 1);
        _pool.Add(other, credit: 2);

        var first = await _pool.AcquireAsync(waitsForMore: false, None);
        var second = await _pool.AcquireAsync(waitsForMore: false, None);

        Assert.Same(other, first!.Value.Worker);
        Assert.NotSame(first.Value.Worker, second!.Value.Worker);
    }

    [Fact]
    public async Task Whoever_waits_longest_is_served_first()
    {
        _pool.Add(new Idle(), credit: 1);
        var lease = await _pool.AcquireAsync(waitsForMore: false, None);
        var first = _pool.AcquireAsync(waitsForMore: false, None).AsTask();
        var second = _pool.AcquireAsync(waitsForMore: false, None).AsTask();

        lease!.Value.Dispose();

        using var served = await first.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(second.IsCompleted);
    }

    [Fact]
    public async Task Whoever_gives_up_waiting_loses_no_room()
    {
        _pool.Add(new Idle(), credit: 1);
        var lease = await _pool.AcquireAsync(waitsForMore: false, None);
        using var giveUp = new CancellationTokenSource();
        var gone = _pool.AcquireAsync(waitsForMore: false, giveUp.Token).AsTask();
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);

        lease!.Value.Dispose();

        Assert.NotNull(await _pool.AcquireAsync(waitsForMore: false, None));
    }

    [Fact]
    public async Task Without_instances_only_who_must_have_one_waits()
    {
        var worker = new Idle();
        Assert.Null(await _pool.AcquireAsync(waitsForMore: false, None));
        var must = _pool.AcquireAsync(waitsForMore: true, None).AsTask();
        Assert.False(must.IsCompleted);

        _pool.Add(worker, credit: 1);
        Assert.NotNull(await must.WaitAsync(TimeSpan.FromSeconds(10)));

        var may = _pool.AcquireAsync(waitsForMore: false, None).AsTask();
        Assert.False(may.IsCompleted);
        Assert.Equal(0, _pool.Remove(worker));
        Assert.Null(await may.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    private sealed class Idle : IFrameWorker
    {
        public Task<FrameResult?> ProcessAsync(ProcessorInput input) => Task.FromResult<FrameResult?>(null);
    }
}
