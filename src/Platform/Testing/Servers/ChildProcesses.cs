using System.Collections.Concurrent;
using System.Diagnostics;

namespace Maestro.Bus.Testing;

/// <summary>
/// Starts the processes of tests. Where Linux's setpriv is installed, the system kills them when the tests' own process ends, in whatever
/// way; a test that goes on without one disposes of it as ever.
/// </summary>
public static class ChildProcesses
{
    const string Setpriv = "setpriv";
    const string DiesWithTheTests = "--pdeathsig=KILL";

    static readonly Lazy<bool> HasSetpriv = new(FindSetpriv);
    static readonly Lazy<BlockingCollection<Action>> Starts = new(StartThread);

    /// <summary>Starts a process.</summary>
    /// <param name="start">The program, its arguments and all else.</param>
    /// <param name="outlivesTests">Whether it goes on when the tests' own process ends: to put in order what that leaves behind.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The program does not exist.</exception>
    public static Process Start(ProcessStartInfo start, bool outlivesTests = false)
    {
        ArgumentNullException.ThrowIfNull(start);
        if (!outlivesTests)
            EndWithTheTests(start);

        // The signal comes when the thread ends that has started the process, and threads of the pool end when there is little to do.
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Value.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
            catch (Exception exception)
            {
                // The caller is told, on its own thread.
                started.SetException(exception);
            }
        });
        return started.Task.GetAwaiter().GetResult();
    }

    // setpriv becomes the program, so that its number is the program's. A change of the user, which it makes for PostgreSQL, would forget
    // the signal: the same call does both.
    static void EndWithTheTests(ProcessStartInfo start)
    {
        if (!HasSetpriv.Value)
            return;

        if (start.FileName == Setpriv)
        {
            start.ArgumentList.Insert(0, DiesWithTheTests);
        }
        else if (FindOnPath(start.FileName) is { } path)
        {
            // A program that is missing is left to be missed.
            foreach (var argument in (string[])[path, "--", DiesWithTheTests])
                start.ArgumentList.Insert(0, argument);
            start.FileName = Setpriv;
        }
    }

    static bool FindSetpriv()
    {
        if (!OperatingSystem.IsLinux() || FindOnPath(Setpriv) is null)
            return false;

        var start = new ProcessStartInfo(Setpriv, ["--help"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var help = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return help.Contains("--pdeathsig", StringComparison.Ordinal);
    }

    static string? FindOnPath(string program) =>
        program.Contains('/', StringComparison.Ordinal)
            ? File.Exists(program) ? program : null
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
                .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    static BlockingCollection<Action> StartThread()
    {
        var starts = new BlockingCollection<Action>();
        var thread = new Thread(() =>
        {
            foreach (var start in starts.GetConsumingEnumerable())
                start();
        })
        {
            IsBackground = true,
            Name = "Starts processes",
        };
        thread.Start();
        return starts;
    }
}
