namespace Maestro.Bus.Access;

/// <summary>Writes to the log how callers are identified, and whose keys have expired or soon will.</summary>
sealed partial class AccessReport(
    ApiKeys keys, DevelopmentKeys development, AccessSettings settings, TimeProvider time, ILogger<AccessReport> logger) : IHostedService
{
    // As long before as for certificates.
    static readonly TimeSpan Notice = TimeSpan.FromDays(14);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (development.Path is { } path)
            LogDevelopmentKey(path);
        else if (!keys.Any && settings.Oidc.Authority is null)
            LogSwitchedOff();

        var now = time.GetUtcNow();
        var expiries = settings.Keys
            .Where(key => key.Value.Expires - now <= Notice)
            .OrderBy(key => key.Value.Expires).ThenBy(key => key.Key, StringComparer.Ordinal)
            .Select(key => Expiry(key.Key, key.Value.Expires!.Value, now))
            .ToList();
        if (expiries.Count > 0)
            LogExpiries(string.Join("; ", expiries));

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    static string Expiry(string name, DateTimeOffset expires, DateTimeOffset now) => expires <= now
        ? $"Bus:Access:Keys:{name} expired at {expires:u} and is refused"
        : $"Bus:Access:Keys:{name} expires at {expires:u}, in {(int)(expires - now).TotalDays} days";

    [LoggerMessage(1, LogLevel.Information,
        "The key of a caller with the role admin, for development, is in {Path}. The command line maestro finds it there")]
    partial void LogDevelopmentKey(string path);

    [LoggerMessage(2, LogLevel.Warning,
        "Neither Bus:Access:Keys nor Bus:Access:Oidc is set: the administration and every other endpoint that needs an identity are " +
        "switched off. Run 'maestro keys new NAME', set what it prints, and restart the host")]
    partial void LogSwitchedOff();

    [LoggerMessage(3, LogLevel.Warning,
        "{Expiries}. Give each caller a new key with 'maestro keys new NAME', or a later Expires, and restart the host")]
    partial void LogExpiries(string expiries);
}
