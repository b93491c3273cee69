using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.Json;
using Framewire.Server.Access;
using Framewire.Server.Processing;
using Framewire.Server.Recording;

namespace Framewire.Server.Telemetry;

/// <summary>The instruments of the server as a whole: calls, refusals, processors, the recordings' disk, the process. Read when somebody asks. One for a server; any thread.</summary>
internal sealed class ServerMetrics
{
    private readonly Meter _meter;
    private readonly long _startedAt;

    public ServerMetrics(Meter meter, CallCounts calls, AddressLimits limits, ProcessorRegistry processors, RecordingOptions recording, TimeProvider time)
    {
        _meter = meter;
        _startedAt = time.GetTimestamp();
        meter.CreateObservableCounter(
            "framewire.calls", () => calls.All.Select(entry => new Measurement<long>(entry.Calls, new("method", entry.Of.Method), Tag("code", CodeName(entry.Of.Code.ToString())))),
            "", "gRPC calls that have ended, by method and status. A publisher's call lasts as long as its connection.");
        meter.CreateObservableCounter("framewire.refused", () => Refusals(limits), "", "Connections and calls refused for coming too often from one address, and credentials that did not hold.");
        meter.CreateObservableGauge(
            "framewire.processor.instances", () => processors.Instances().Select(entry => new Measurement<long>(entry.Value, Tag("processor", entry.Key))),
            "", "Instances of each processor that are attached, or part of the server.");
        if (recording.IsOn)
            AddDisk(recording.Directory);
        AddProcess(time);
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    /// <summary>As gRPC spells it: <c>PERMISSION_DENIED</c>.</summary>
    private static string CodeName(string name) => JsonNamingPolicy.SnakeCaseUpper.ConvertName(name);

    private static Measurement<long>[] Refusals(AddressLimits limits)
    {
        var (connections, calls, credentials) = limits.Refused;
        return [new(connections, Tag("what", "connection")), new(calls, Tag("what", "call")), new(credentials, Tag("what", "credentials"))];
    }

    private void AddDisk(string folder)
    {
        _meter.CreateObservableGauge("framewire.recording.disk.free", () => Disk(folder, disk => disk.Free), "By", "What is free on the disk of the recordings.");
        _meter.CreateObservableGauge("framewire.recording.disk.size", () => Disk(folder, disk => disk.Total), "By", "The size of the disk of the recordings.");
    }

    private static Measurement<long>[] Disk(string folder, Func<(long Total, long Free), long> what) =>
        DiskProbe.FreeBytes(Path.GetFullPath(folder)) is { } disk ? [new(what(disk))] : [];

    private void AddProcess(TimeProvider time)
    {
        var version = typeof(ServerMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        _meter.CreateObservableGauge("framewire.build.info", () => new Measurement<long>(1, Tag("version", version)), "", "Always 1; which version this is.");
        _meter.CreateObservableGauge("framewire.process.uptime", () => time.GetElapsedTime(_startedAt).TotalSeconds, "s", "How long the server has run.");
        _meter.CreateObservableCounter("framewire.process.cpu", () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Processor time used, of all cores together; ffmpeg's is not in it.");
        _meter.CreateObservableGauge("framewire.process.memory", Resident, "By", "Memory of the process that is resident.");
        _meter.CreateObservableGauge("framewire.process.heap", () => GC.GetTotalMemory(forceFullCollection: false), "By", "Memory that .NET's heap has in use.");
        _meter.CreateObservableGauge("framewire.process.threads", () => ThreadPool.ThreadCount, "", "Threads in the pool.");
    }

    private static long Resident()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
