using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Framewire.Cli;

/// <summary>How <c>framewire serve</c> says what happens, on standard error: lines for people, or a JSON object a line. Owned by the command; any thread.</summary>
/// <param name="isJson">Whether programs read it.</param>
/// <param name="least">What is worth a line.</param>
internal sealed partial class ServeLog(bool isJson, LogLevel least)
{
    private readonly Terminal _terminal = Terminal.StandardError(least);

    /// <summary>Puts it into the host.</summary>
    public void AddTo(ILoggingBuilder logging)
    {
        logging.ClearProviders().SetMinimumLevel(least).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        if (!isJson)
        {
            logging.AddProvider(_terminal);
            return;
        }

        logging.AddJsonConsole(format => (format.UseUtcTimestamp, format.TimestampFormat) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ"));
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    /// <summary>What takes the command's own lines, which are said however quiet the log is.</summary>
    public Action<string> Lines(IServiceProvider services)
    {
        if (!isJson)
            return _terminal.Line;
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Framewire");
        return text => Log.Line(logger, least, text);
    }

    private static partial class Log
    {
        [LoggerMessage("{Text}")]
        public static partial void Line(ILogger logger, LogLevel level, string text);
    }
}
