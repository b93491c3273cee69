using Framewire.Server.Streams;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Framewire.Server.Telemetry;

/// <summary>
/// Sends the meter's figures and the frames' traces by OTLP while the host runs, and what is left when it stops. A receiver that is gone costs what could not be
/// sent and nothing else. One for a server that sends.
/// </summary>
internal sealed class OtlpExport(TelemetryOptions options) : IHostedService, IDisposable
{
    private const int StopPatienceMillis = 3000;

    private MeterProvider? _figures;
    private TracerProvider? _traces;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var resource = ResourceBuilder.CreateDefault().AddService("framewire", serviceInstanceId: Environment.MachineName);
        _figures = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(TelemetryRoom.MeterName)
            .AddOtlpExporter((otlp, reader) =>
            {
                Configure(otlp, "metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)options.OtlpInterval.TotalMilliseconds;
            }).Build();
        if (options.TraceEvery > 0)
        {
            _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(FrameTrace.SourceName)
                .SetSampler(new AlwaysOnSampler()).AddOtlpExporter(otlp => Configure(otlp, "traces")).Build();
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            _traces?.Shutdown(StopPatienceMillis);
            _figures?.Shutdown(StopPatienceMillis);
        },
        cancellationToken);

    public void Dispose()
    {
        _traces?.Dispose();
        _figures?.Dispose();
    }

    private void Configure(OtlpExporterOptions otlp, string signal) =>
        (otlp.Endpoint, otlp.Protocol, otlp.TimeoutMilliseconds) = (options.AddressOf(signal), OtlpExportProtocol.HttpProtobuf, StopPatienceMillis);
}
