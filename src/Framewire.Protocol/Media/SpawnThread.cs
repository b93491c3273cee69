using System.Collections.Concurrent;
using System.Diagnostics;

namespace Framewire.Protocol.Media;

/// <summary>
/// The one thread that starts child processes. It lives as long as this process, because Linux sends a child its parent-death
/// signal when the *thread* that started it ends (prctl(2), PR_SET_PDEATHSIG); a pool thread may end at any time. Thread-safe.
/// </summary>
internal static class SpawnThread
{
    private static readonly BlockingCollection<Request> Requests = Start();

    /// <summary>Starts a process on the long-lived thread.</summary>
    public static Task<Process> StartAsync(ProcessStartInfo what)
    {
        var request = new Request(what, new(TaskCreationOptions.RunContinuationsAsynchronously));
        Requests.Add(request);
        return request.Started.Task;
    }

    private static BlockingCollection<Request> Start()
    {
        var requests = new BlockingCollection<Request>();
        new Thread(() => Run(requests)) { IsBackground = true, Name = "child processes" }.Start();
        return requests;
    }

    private static void Run(BlockingCollection<Request> requests)
    {
        foreach (var request in requests.GetConsumingEnumerable())
        {
            try
            {
                request.Started.SetResult(Process.Start(request.What)!);
            }
            catch (Exception failure) when (failure is System.ComponentModel.Win32Exception or InvalidOperationException or IOException)
            {
                request.Started.SetException(failure);
            }
        }
    }

    /// <summary>A program to start, and who waits for it. A value.</summary>
    private sealed record Request(ProcessStartInfo What, TaskCompletionSource<Process> Started);
}
