using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Microsoft.Extensions.Configuration;

namespace Framewire.Cli;

/// <summary>
/// Reads settings: appsettings.json beside the program, then appsettings.json in the working directory, then the environment
/// (<c>FRAMEWIRE_Section__Name</c>). The command line comes on top of them, in each command.
/// </summary>
internal sealed class Settings
{
    private const string EnvironmentPrefix = "FRAMEWIRE_";
    /// <summary>Where every program that speaks OTLP looks (OpenTelemetry's specification, OTLP exporter).</summary>
    private const string OtlpVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string FileName = "appsettings.json";

    private readonly IConfigurationRoot _configuration;

    private Settings(IConfigurationRoot configuration) => _configuration = configuration;

    /// <summary>Reads what there is.</summary>
    /// <exception cref="UsageException">A file cannot be read.</exception>
    public static Settings Load()
    {
        try
        {
            return new Settings(new ConfigurationBuilder()
                .AddJsonFile(Path.Combine(AppContext.BaseDirectory, FileName), optional: true)
                .AddJsonFile(Path.Combine(Environment.CurrentDirectory, FileName), optional: true)
                .AddEnvironmentVariables(EnvironmentPrefix)
                .Build());
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{e.Message} {e.InnerException?.Message}");
        }
    }

    /// <summary>What the server goes by.</summary>
    public FramewireOptions Server()
    {
        var options = Bind("Server", new FramewireOptions());
        return options.Telemetry.OtlpEndpoint.Length > 0 || Environment.GetEnvironmentVariable(OtlpVariable) is not { Length: > 0 } endpoint
            ? options
            : options with { Telemetry = options.Telemetry with { OtlpEndpoint = endpoint } };
    }

    /// <summary>What the publisher goes by; server and stream come from the command line.</summary>
    public PublisherOptions Publisher() =>
        Bind("Publisher", new PublisherOptions { Server = new Uri("http://127.0.0.1:50051"), Stream = "cam" });

    /// <summary>What a source goes by; which one comes from the command line.</summary>
    public SourceOptions Source() => Bind("Source", new SourceOptions { Source = "test" });

    /// <summary>How a client connects.</summary>
    public ClientConnectionOptions Connection() => Bind("Connection", new ClientConnectionOptions());

    private T Bind<T>(string section, T defaults)
        where T : class
    {
        try
        {
            _configuration.GetSection(section).Bind(defaults, options => options.ErrorOnUnknownConfiguration = true);
            return defaults;
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            throw new UsageException($"A setting in section {section} is wrong: {e.Message} {e.InnerException?.Message}".TrimEnd());
        }
    }
}
