using System.CommandLine;
using Framewire.Edge;
using Framewire.Protocol.Media;
using Framewire.Protocol.Wire;

namespace Framewire.Cli;

/// <summary>Runs a command's work and turns what goes wrong into one line on standard error and an exit code.</summary>
internal static class CommandRun
{
    /// <summary>Makes <paramref name="work"/> the action of a command.</summary>
    public static Command Does(this Command command, Func<ParseResult, CancellationToken, Task<int>> work)
    {
        command.SetAction((parsed, cancellation) => GuardAsync(() => work(parsed, cancellation), cancellation));
        return command;
    }

    private static async Task<int> GuardAsync(Func<Task<int>> work, CancellationToken cancellation)
    {
        try
        {
            return await work();
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCode.Done;
        }
        catch (UsageException e)
        {
            return Fail(ExitCode.Usage, e.Message);
        }
        catch (ServerNotFoundException e)
        {
            return Fail(ExitCode.ServerNotFound, e.Message);
        }
        catch (Exception e) when (e is MediaException or LinkException or GrpcException or IOException or UnauthorizedAccessException)
        {
            return Fail(ExitCode.Failed, e.Message);
        }
    }

    private static int Fail(int code, string message)
    {
        Console.Error.WriteLine($"framewire: {message}");
        return code;
    }
}
