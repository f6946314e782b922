using System.ComponentModel;
using System.Diagnostics;
using System.Reflection;

namespace Maestro.Bus.Testing;

/// <summary>A program that a test runs as a process of its own, until it is disposed of or the tests' own process ends.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    const int LinesKept = 10_000;
    const int TailLength = 40;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);

    readonly Queue<(string Text, bool IsError)> _lines = [];
    readonly Action<string>? _said;
    readonly string _name;
    readonly Process _process;
    bool _isDisposed;

    ServerProcess(string name, Process process, Action<string>? said)
    {
        _said = said;
        _name = name;
        _process = process;
        Id = process.Id;
        process.OutputDataReceived += (_, line) => Keep(line.Data, isError: false);
        process.ErrorDataReceived += (_, line) => Keep(line.Data, isError: true);
    }

    /// <summary>Whether the process has ended, by itself or killed.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>What it ended with; 128 and the signal's number after a signal that it did not handle.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>The system's number of the process.</summary>
    public int Id { get; }

    /// <summary>The newest lines that the process has written.</summary>
    public string Output => string.Join(Environment.NewLine, Lines.TakeLast(TailLength));

    /// <summary>What the process has written, of more than 10,000 lines the newest.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines.Select(line => line.Text)];
        }
    }

    /// <summary>What of this the process has written to standard error.</summary>
    public string Errors
    {
        get
        {
            lock (_lines)
                return string.Join(Environment.NewLine, _lines.Where(line => line.IsError).Select(line => line.Text));
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
    /// <param name="said">Is told each line that it writes.</param>
    /// <param name="outlivesTests">Whether it goes on when the tests' own process ends without disposing of it.</param>
    /// <exception cref="ServerException">The program is not installed.</exception>
    public static ServerProcess Start(
        string name,
        string program,
        IEnumerable<string> arguments,
        string install,
        IEnumerable<KeyValuePair<string, string>>? environment = null,
        string? workingDirectory = null,
        bool takesCommands = false,
        Action<string>? said = null,
        bool outlivesTests = false)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = takesCommands,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach (var (variable, value) in environment ?? [])
            start.Environment[variable] = value;

        try
        {
            var process = ChildProcesses.Start(start, outlivesTests);
            var server = new ServerProcess(name, process, said);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            return server;
        }
        catch (Win32Exception exception)
        {
            throw ServerException.Missing(name, install, exception);
        }
    }

    /// <summary>Starts a program that was built with the tests.</summary>
    /// <param name="name">What messages call the program.</param>
    /// <param name="program">The program's assembly.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables set beside the ones of this process.</param>
    /// <param name="takesCommands">Whether <see cref="Tell"/> is to reach it.</param>
    /// <param name="said">Is told each line that it writes.</param>
    public static ServerProcess StartChild(
        string name,
        Assembly program,
        IEnumerable<string> arguments,
        IEnumerable<KeyValuePair<string, string>>? environment = null,
        bool takesCommands = false,
        Action<string>? said = null)
    {
        ArgumentNullException.ThrowIfNull(program);
        return Start(
            name, "dotnet", arguments.Prepend(program.Location), "nothing: it is built with the tests", environment,
            takesCommands: takesCommands, said: said);
    }

    /// <summary>Runs a program to its end and says whether it succeeded; a program that is not installed has not.</summary>
    public static async Task<bool> Succeeds(
        string program, IEnumerable<string> arguments, CancellationToken cancellationToken,
        IEnumerable<KeyValuePair<string, string>>? environment = null)
    {
        try
        {
            await using var server = Start(program, program, arguments, "", environment);
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

    /// <summary>
    /// Kills the process as kill -9 does, with all it has started, and waits until it is gone and what it has written is read.
    /// </summary>
    public async Task Kill()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await End();
    }

    /// <summary>Sends the process a signal, such as <c>TERM</c>, <c>STOP</c> or <c>CONT</c>.</summary>
    public async Task Signal(string signal)
    {
        if (!await Succeeds("kill", [$"-{signal}", $"{Id}"], CancellationToken.None))
            throw new ServerException($"{_name}: the process {Id} could not be sent {signal}.");
    }

    /// <summary>Stops the process as an orchestrator does, with SIGTERM, and waits for its end.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="TimeoutException">It has not ended within two minutes.</exception>
    public async Task<int> Stop(CancellationToken cancellationToken)
    {
        await Signal("TERM");
        return await Ended(cancellationToken);
    }

    /// <summary>Waits for the process's end.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="TimeoutException">It has not ended within two minutes.</exception>
    public async Task<int> Ended(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(Patience, cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Waits until the process has written a line, so many times.</summary>
    /// <exception cref="ServerException">It has ended before; the message shows its newest output.</exception>
    /// <exception cref="TimeoutException">It has not written it within two minutes.</exception>
    public Task Says(string line, CancellationToken cancellationToken, int times = 1) => Eventually.True(
        async () =>
        {
            // What it has written last is read after it has ended.
            var hasExited = _process.HasExited;
            if (hasExited)
                await End();
            return Said(line) >= times || (hasExited ? throw new ServerException($"{_name} has ended without '{line}'. {Wrote()}") : false);
        },
        Patience, $"'{line}' of {_name}", cancellationToken);

    /// <summary>How often the process has written a line.</summary>
    public int Said(string line) => Lines.Count(said => said == line);

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
    /// <exception cref="ServerException">The process has ended, or the time is over; the message shows the server's newest
    /// output.</exception>
    public async Task Ready(Func<CancellationToken, Task<bool>> isReady, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);

        try
        {
            await Eventually.True(async () => _process.HasExited || await isReady(limit.Token), timeout, _name, limit.Token);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException
            && !cancellationToken.IsCancellationRequested)
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
        if (_isDisposed)
            return;

        _isDisposed = true;
        await Kill();
        _process.Dispose();
    }

    // A daemon that the server has left behind may hold its output open for ever, so the wait for the end of the output has a limit.
    async Task End()
    {
        using var limit = new CancellationTokenSource(EndLimit);
        await _process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    string Wrote() => Output is { Length: > 0 } output ? $"Its newest output:{Environment.NewLine}{output}" : "It has written nothing.";

    void Keep(string? line, bool isError)
    {
        if (line is null)
            return;

        _said?.Invoke(line);
        lock (_lines)
        {
            _lines.Enqueue((line, isError));
            if (_lines.Count > LinesKept)
                _lines.Dequeue();
        }
    }
}
