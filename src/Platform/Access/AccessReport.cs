namespace MaestroBus.Access;

/// <summary>Writes to the log how callers are identified.</summary>
sealed partial class AccessReport(ApiKeys keys, DevelopmentKeys development, AccessSettings settings, ILogger<AccessReport> logger)
    : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (development.Path is { } path)
            LogDevelopmentKey(path);
        else if (!keys.Any && settings.Oidc.Authority is null)
            LogSwitchedOff();

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(1, LogLevel.Information,
        "The key of a caller with the role admin, for development, is in {Path}. The command line maestro finds it there")]
    partial void LogDevelopmentKey(string path);

    [LoggerMessage(2, LogLevel.Warning,
        "Neither Bus:Access:Keys nor Bus:Access:Oidc is set: the administration and every other endpoint that needs an identity are " +
        "switched off. Run 'maestro keys new NAME' and set what it prints")]
    partial void LogSwitchedOff();
}
