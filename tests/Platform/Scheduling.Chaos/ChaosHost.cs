namespace Maestro.Bus.Scheduling.Chaos;

/// <summary>A host that runs schedules, and notes each of their messages where it can be counted.</summary>
public static class ChaosHost
{
    /// <summary>Makes one.</summary>
    /// <param name="settings">The configuration: the database, the transport and the scheduler's own settings.</param>
    /// <param name="schedules">How many schedules it declares.</param>
    public static IHost Build(IEnumerable<KeyValuePair<string, string?>> settings, int schedules)
    {
        var builder = ValidatedHost.CreateApplicationBuilder(
            new HostApplicationBuilderSettings { ApplicationName = "chaos", DisableDefaults = true });
        builder.Configuration["Bus:Transport"] = "memory";
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddBus(builder.Configuration, [new ChaosDomain(schedules)], [new SqliteTransport()], new SchedulingModule());
        return builder.Build();
    }

    sealed class ChaosDomain(int schedules) : BusDomain
    {
        public override void AddServices(BusBuilder bus)
        {
            bus.AddDatabase<ChaosContext>();

            for (var number = 0; number < schedules; number++)
            {
                var name = $"every-{number % 3 + 1}-{number}";
                bus.AddSchedule<Rang>(name,
                    schedule => schedule.Cron($"*/{number % 3 + 1} * * * * ?").OnMisfire(MisfirePolicy.FireAll).Message(new Rang(name)));
            }
        }
    }
}

/// <summary>A schedule's message.</summary>
public sealed record Rang(string Schedule);

/// <summary>Writes down that a message has come; nothing but the bus keeps it from being written twice.</summary>
public sealed class RangConsumer(ChaosContext context) : IConsumer<Rang>
{
    public async Task Consume(ConsumeContext<Rang> message)
    {
        context.Add(
            new Ring { Schedule = message.Message.Schedule, At = ScheduleHeaders.ScheduledAtOf(message)!.Value.ToUnixTimeMilliseconds() });
        await context.SaveChangesAsync(message.CancellationToken);
    }
}

/// <summary>What has rung.</summary>
public sealed class ChaosContext(DbContextOptions<ChaosContext> options) : DbContext(options)
{
    public DbSet<Ring> Rings => Set<Ring>();
}

/// <summary>A message that was handled.</summary>
public sealed class Ring
{
    public long Id { get; init; }

    public required string Schedule { get; init; }

    public long At { get; init; }
}
