namespace Maestro.Bus.Scheduling;

/// <summary>One transaction of the scheduler's, whose messages are in the outbox when it is committed.</summary>
sealed class ScheduleTransaction(ScheduleDbContext context, IOutbox<ScheduleDbContext> outbox)
{
    /// <summary>Has the server end the transaction of a frozen host in time for another host to fire within ten seconds.</summary>
    public static readonly string EndFrozen = FrozenTransaction.EndsAfter(seconds: 4);

    // Hosts that start at the same time bring the declared schedules in line one after the other.
    const long ReconcileLock = 0x73_63_68_65_64;

    public ScheduleDbContext Context => context;

    public ISendEndpointProvider Outbox => outbox;

    bool IsPostgres => context.Database.IsPostgres();

    public static async Task<T> Run<T>(
        IServiceScopeFactory scopes, Func<ScheduleTransaction, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<ScheduleDbContext>();
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (context.Database.IsPostgres())
            await context.Database.ExecuteSqlRawAsync(EndFrozen, cancellationToken);
        var result = await work(new ScheduleTransaction(context, scope.ServiceProvider.GetRequiredService<IOutbox<ScheduleDbContext>>()));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    }

    /// <summary>Holds all others up that do the same, until the end.</summary>
    public Task Alone(CancellationToken cancellationToken) =>
        IsPostgres
            ? context.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({ReconcileLock})", cancellationToken)
            : Task.CompletedTask;

    /// <summary>
    /// Gets a schedule, which no other host fires or changes until this transaction ends. On SQLite the transaction locks the whole file.
    /// </summary>
    public async Task<ScheduleRow?> Lock(string name, CancellationToken cancellationToken)
    {
        if (!IsPostgres)
            return await context.Schedules.FirstOrDefaultAsync(schedule => schedule.Name == name, cancellationToken);

        return await context.Schedules.FromSql($"SELECT * FROM schedule_definition WHERE name = {name} FOR UPDATE")
            .FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>The database's time, so that a host whose clock is wrong fires nothing early. SQLite has the host's.</summary>
    public async Task<DateTimeOffset> Now(TimeProvider time, CancellationToken cancellationToken) =>
        IsPostgres
            ? new DateTimeOffset(
                (await context.Database.SqlQuery<DateTime>($"SELECT clock_timestamp() AS \"Value\"").SingleAsync(cancellationToken))
                    .ToUniversalTime())
            : time.GetUtcNow();
}
