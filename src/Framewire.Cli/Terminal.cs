using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Framewire.Cli;

/// <summary>
/// Standard error as people read it: log lines, and on a terminal one status line below them that is written over and over.
/// Shared by everything in the process; thread-safe.
/// </summary>
internal sealed class Terminal(TextWriter output, bool isTerminal, LogLevel least) : ILoggerProvider, ILogger
{
    private const string ClearLine = "\r\x1b[2K";
    private readonly Lock _lock = new();
    private string _status = "";

    /// <summary>The real one.</summary>
    public static Terminal StandardError(LogLevel least) => new(Console.Error, !Console.IsErrorRedirected, least);

    /// <summary>Whether a person is looking, so that a line may be written over.</summary>
    public bool IsTerminal => isTerminal;

    /// <summary>Writes the status line over the last one. Does nothing where nobody is looking.</summary>
    public void Status(string text)
    {
        if (!isTerminal)
            return;
        lock (_lock)
        {
            _status = text.Length < Console.WindowWidth || Console.WindowWidth < 2 ? text : text[..(Console.WindowWidth - 1)];
            output.Write(ClearLine + _status);
        }
    }

    /// <summary>Writes a line of its own, above the status line.</summary>
    public void Line(string text)
    {
        lock (_lock)
            output.Write(_status.Length > 0 ? $"{ClearLine}{text}\n{_status}" : $"{text}\n");
    }

    /// <summary>Leaves the last status where it is and goes to the next line.</summary>
    public void EndStatus()
    {
        lock (_lock)
        {
            if (_status.Length > 0)
                output.WriteLine();
            _status = "";
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least && logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        var prefix = logLevel switch
        {
            LogLevel.Warning => "warning: ",
            >= LogLevel.Error => "error: ",
            _ => "",
        };
        var cause = exception is null ? "" : $" ({exception.GetType().Name}: {exception.Message})";
        Line($"{DateTime.Now:HH:mm:ss} {prefix}{OneLine(formatter(state, exception) + cause)}");
    }

    /// <summary>A log line stays one, and sends a terminal nothing, whatever a peer had put into its text: control characters and line separators are spelt out.</summary>
    internal static string OneLine(string text)
    {
        if (!text.Any(MovesTheCursor))
            return text;
        var line = new StringBuilder();
        foreach (var letter in text)
        {
            if (MovesTheCursor(letter))
                line.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            else
                line.Append(letter);
        }

        return line.ToString();
    }

    private static bool MovesTheCursor(char letter) => char.IsControl(letter) || letter is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');

    [SuppressMessage("Usage", "CA1816", Justification = "Nothing to dispose: standard error is the process's.")]
    public void Dispose()
    {
    }
}
