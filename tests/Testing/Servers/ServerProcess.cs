using System.ComponentModel;
using System.Diagnostics;

namespace MaestroBus.Testing;

/// <summary>A server that a test runs as a process of its own, until it is disposed.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    const int TailLength = 40;

    static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);

    readonly Queue<string> _tail = [];
    readonly string _name;
    readonly Process _process;

    ServerProcess(string name, Process process)
    {
        _name = name;
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
    }

    /// <summary>Whether the process has ended, by itself or killed.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>The newest lines the server has written.</summary>
    public string Output
    {
        get
        {
            lock (_tail)
                return string.Join(Environment.NewLine, _tail);
        }
    }

    /// <summary>Starts a server's process.</summary>
    /// <param name="name">What messages call the server.</param>
    /// <param name="program">The program, as a path or a name on PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="install">The command that installs the program.</param>
    /// <param name="environment">Variables set beside the ones of this process.</param>
    /// <param name="workingDirectory">The directory it runs in; the tests' own without one.</param>
    /// <param name="takesCommands">Whether <see cref="Tell"/> is to reach it.</param>
    /// <exception cref="ServerException">The program is not installed.</exception>
    public static ServerProcess Start(
        string name,
        string program,
        IEnumerable<string> arguments,
        string install,
        IEnumerable<KeyValuePair<string, string>>? environment = null,
        string? workingDirectory = null,
        bool takesCommands = false)
    {
        var process = new Process { StartInfo = StartInfo(program, arguments) };
        process.StartInfo.RedirectStandardInput = takesCommands;
        process.StartInfo.WorkingDirectory = workingDirectory ?? "";
        foreach (var (variable, value) in environment ?? [])
            process.StartInfo.Environment[variable] = value;

        var server = new ServerProcess(name, process);
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            process.Dispose();
            throw ServerException.Missing(name, install, exception);
        }

        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return server;
    }

    /// <summary>Runs a program to its end and says whether it succeeded; a program that is not installed has not.</summary>
    public static async Task<bool> Succeeds(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        try
        {
            await using var server = Start(program, program, arguments, "");
            await server._process.WaitForExitAsync(cancellationToken);
            return server._process.ExitCode == 0;
        }
        catch (ServerException)
        {
            return false;
        }
    }

    /// <summary>Writes a line to the server's input.</summary>
    public async Task Tell(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits until the process has ended well.</summary>
    /// <exception cref="ServerException">It ended with an error; the message shows its newest output.</exception>
    public async Task Succeeded(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        await _process.WaitForExitAsync(limit.Token);

        if (_process.ExitCode != 0)
            throw new ServerException($"{_name}: {_process.StartInfo.FileName} ended with exit code {_process.ExitCode}. {Wrote()}");
    }

    /// <summary>Waits until the server is ready.</summary>
    /// <param name="isReady">Asks the server; <c>false</c> to be asked again.</param>
    /// <param name="timeout">How long the server may take.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ServerException">The process has ended, or the time is over; the message shows the server's newest output.</exception>
    public async Task Ready(Func<CancellationToken, Task<bool>> isReady, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);

        try
        {
            await Eventually.True(async () => _process.HasExited || await isReady(limit.Token), timeout, _name, limit.Token);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new ServerException($"{_name} was not ready within {timeout.TotalSeconds:0.#} s. {Wrote()}", exception);
        }

        if (_process.HasExited)
        {
            await End();
            throw new ServerException($"{_name} ended with exit code {_process.ExitCode} before it was ready. {Wrote()}");
        }
    }

    /// <summary>Kills the process with all it has started, and waits until it is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await End();
        }

        _process.Dispose();
    }

    // A daemon that the server has left behind may hold its output open for ever, so the wait for the end of the output has a limit.
    async Task End()
    {
        using var limit = new CancellationTokenSource(EndLimit);
        await _process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    static ProcessStartInfo StartInfo(string program, IEnumerable<string> arguments) => new(program, arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        UseShellExecute = false,
    };

    string Wrote() => Output is { Length: > 0 } output ? $"Its newest output:{Environment.NewLine}{output}" : "It has written nothing.";

    void Keep(string? line)
    {
        if (line is null)
            return;

        lock (_tail)
        {
            _tail.Enqueue(line);
            if (_tail.Count > TailLength)
                _tail.Dequeue();
        }
    }
}
