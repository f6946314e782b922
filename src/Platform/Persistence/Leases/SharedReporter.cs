namespace Maestro.Bus.Persistence;

/// <summary>Has one of the hosts on a database report what all of them share: the one that has a lease on it.</summary>
sealed partial class SharedReporter(BusDatabase database, DatabaseOutage outage, TimeProvider time, ILogger<SharedReporter> logger)
    : BackgroundService, ISharedReporter
{
    // With the time until the next measurement, another host reports within 15 s of the death of this one.
    static readonly TimeSpan Silence = TimeSpan.FromSeconds(6);
    static readonly TimeSpan ReleaseLimit = TimeSpan.FromSeconds(2);

    readonly HostLease _lease = new(database, "figures", time, Silence);

    public bool IsReporting => _lease.IsHeld;

    public static void Add(IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(SharedReporter)))
            return;

        services.AddSingleton<SharedReporter>();
        services.AddSingleton<ISharedReporter>(provider => provider.GetRequiredService<SharedReporter>());
        services.AddHostedService(provider => provider.GetRequiredService<SharedReporter>());
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Periodic.Run(_lease.Interval, time, Hold, Failed, stoppingToken);

        using var limit = new CancellationTokenSource(ReleaseLimit);

        try
        {
            await _lease.Release(limit.Token);
        }
        catch (Exception)
        {
            // Another host takes over when the lease has run out.
        }
    }

    async Task Hold(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Silence);
        await _lease.TryHold(limit.Token);
    }

    void Failed(Exception exception)
    {
        if (!outage.Tells(exception))
            NotHeld(exception);
    }

    [LoggerMessage(19, LogLevel.Warning,
        "It is not known which host reports the figures that all hosts share; it is tried again")]
    partial void NotHeld(Exception exception);
}
