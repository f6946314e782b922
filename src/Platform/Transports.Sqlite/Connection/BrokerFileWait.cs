using Microsoft.Extensions.Hosting;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>
/// Waits, before the bus starts, while another program has locked the bus's file, or its disk is full. A file that is wrong for good ends
/// the start.
/// </summary>
/// <param name="path">The file's full name.</param>
/// <param name="settings">How it is used.</param>
/// <param name="outage">Tells the log.</param>
/// <param name="time">Measures the pauses.</param>
/// <param name="open">Opens the broker.</param>
sealed class BrokerFileWait(string path, SqliteSettings settings, OutageLog outage, TimeProvider time, Action open)
    : IStartProbe, IHostedService
{
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>The file's full name.</summary>
    public string Path => path;

    /// <summary>Gets whether the file can be opened, as far as is known.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Asks once, so that what is wrong for good is told of before the start.</summary>
    public Task Run(CancellationToken cancellationToken) => Problem(cancellationToken);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        while (await Problem(cancellationToken) is { } problem)
        {
            outage.Away(problem);
            await Task.Delay(Pause, time, cancellationToken);
        }

        open();
        outage.Back();
        IsOver = true;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // SQLite waits for a lock on the thread that asks for it.
    Task<string?> Problem(CancellationToken cancellationToken) => Task.Run(Problem, cancellationToken);

    string? Problem()
    {
        try
        {
            using var database = BrokerFile.Open(path, settings);
            database.Execute("BEGIN IMMEDIATE");
            database.Rollback();
            return null;
        }
        catch (Exception exception) when (CauseOf(exception) is { Code: raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_FULL })
        {
            // It passes by itself. What is wrong for good ends the start.
            return CauseOf(exception)!.Reason;
        }
    }

    static SqliteTransportException? CauseOf(Exception exception) =>
        exception as SqliteTransportException ?? exception.InnerException as SqliteTransportException;
}
