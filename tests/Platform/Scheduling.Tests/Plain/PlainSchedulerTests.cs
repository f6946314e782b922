using MassTransit.Scheduling;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Scheduling.Tests;

/// <summary>The scheduler on a bus that was added with MassTransit's own method.</summary>
public sealed class PlainSchedulerTests : IDisposable
{
    static readonly TimeZoneInfo Tokyo = TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo");

    readonly string _folder = Directory.CreateTempSubdirectory("bus-tests-").FullName;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task A_scheduled_message_comes_at_its_time_unless_it_is_cancelled()
    {
        using var lines = new LogLines();
        using var host = await Start(lines: lines);

        var due = await Schedule(host, TimeSpan.FromSeconds(15), new Tick("cancelled"));
        await Schedule(host, TimeSpan.FromSeconds(16), new Tick("kept"));
        await Cancel(host, due);

        await host.Services.GetRequiredService<Ticks>().AtLeast(1);
        await host.StopAsync(Cancellation);
        Assert.Equal(["kept"], host.Services.GetRequiredService<Ticks>().Names);
        Assert.Single(lines.Of(LogLevel.Warning), line => line.Contains("kept in memory", StringComparison.Ordinal));
    }

    /// <summary>Whichever of the two is added first.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task In_a_database_it_waits_for_the_next_process(bool isSchedulerFirst)
    {
        using (var first = await Start(hasDatabase: true, isSchedulerFirst: isSchedulerFirst))
        {
            await Schedule(first, TimeSpan.FromHours(1), new Tick("later"));
            await Eventually.True(
                async () => await Waiting(first) == 1, TimeSpan.FromSeconds(60), "a message in the store", Cancellation);
            await first.StopAsync(Cancellation);
        }

        using var second = await Start(hasDatabase: true, isSchedulerFirst: isSchedulerFirst, time: new LaterTime());
        await second.Services.GetRequiredService<Ticks>().AtLeast(1);
        await second.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_recurring_schedule_without_a_zone_is_in_the_local_one()
    {
        using var host = await Start(time: new ZonedTime());

        var endpoint = await host.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri("queue:quartz"));
        await endpoint.ScheduleRecurringSend(new Uri("queue:ticks"), new Nightly(), new Tick("night"), Cancellation);

        var schedules = host.Services.GetRequiredService<ISchedules>();
        var known = await Eventually.Some(
            () => schedules.Find("nights:nightly", Cancellation), TimeSpan.FromSeconds(60), "the schedule", Cancellation);
        Assert.Equal(Tokyo.Id, known.TimeZone);
        Assert.Equal((2, TimeSpan.FromHours(9)), (known.NextAt!.Value.Hour, known.NextAt.Value.Offset));
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task The_endpoint_is_the_one_that_the_options_name()
    {
        using var host = await Start(options => options.QueueName = "alarms");

        await Schedule(host, TimeSpan.FromMilliseconds(100), new Tick("named"), "queue:alarms");

        await host.Services.GetRequiredService<Ticks>().AtLeast(1);
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public void A_host_whose_domains_have_a_scheduler_gets_no_second_one()
    {
        var exception = Assert.Throws<BusConfigurationException>(() => TestHost.Build(
            [new("Bus:Scheduling:Store", "Memory")], bus => bus.ConfigureBus(configurator => configurator.AddQuartzConsumers())));

        Assert.Contains("the queue 'schedules'. Leave AddQuartzConsumers out", exception.Message, StringComparison.Ordinal);
    }

    static async Task<Guid> Schedule(IHost host, TimeSpan delay, Tick tick, string queue = "queue:quartz")
    {
        var bus = host.Services.GetRequiredService<IBus>();
        var provider = new EndpointScheduleMessageProvider(() => bus.GetSendEndpoint(new Uri(queue)));
        var scheduled = await new MessageScheduler(provider, bus.Topology)
            .ScheduleSend(new Uri("queue:ticks"), TimeProvider.System.GetUtcNow().UtcDateTime + delay, tick, Cancellation);
        return scheduled.TokenId;
    }

    static async Task Cancel(IHost host, Guid token)
    {
        await using var scope = host.Services.CreateAsyncScope();
        var scheduler = scope.ServiceProvider.GetRequiredService<IMessageScheduler>();
        await scheduler.CancelScheduledSend(new Uri("queue:ticks"), token, Cancellation);
    }

    static async Task<long> Waiting(IHost host)
    {
        await using var connection = await host.Services.GetRequiredService<BusDatabase>().Open(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM schedule_message";
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    async Task<IHost> Start(
        Action<QuartzEndpointOptions>? configure = null, bool hasDatabase = false, bool isSchedulerFirst = false, TimeProvider? time = null,
        LogLines? lines = null)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        if (lines is not null)
            builder.Logging.AddProvider(lines);
        if (time is not null)
            builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<Ticks>();
        builder.Services.AddDbContext<ClockContext>(options => options.UseSqlite($"Data Source={Path.Combine(_folder, "state.db")}"));
        builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            if (isSchedulerFirst)
                bus.AddQuartzConsumers(configure);
            if (hasDatabase)
                bus.AddEntityFrameworkOutbox<ClockContext>(outbox => outbox.UseSqlite());
            if (!isSchedulerFirst)
                bus.AddQuartzConsumers(configure);
            bus.AddMessageScheduler(new Uri("queue:quartz"));
            bus.AddConsumer<TickConsumer>().Endpoint(endpoint => endpoint.Name = "ticks");
            bus.UsingInMemory((context, memory) =>
            {
                memory.UseMessageScheduler(new Uri("queue:quartz"));
                memory.ConfigureEndpoints(context);
            });
        });

        var host = builder.Build();
        await host.StartAsync(Cancellation);
        return host;
    }

    sealed class Nightly : DefaultRecurringSchedule
    {
        public Nightly() => (ScheduleId, ScheduleGroup, CronExpression, TimeZoneId) = ("nightly", "nights", "0 0 2 * * ?", null);
    }

    sealed class LaterTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddHours(1);
    }

    sealed class ZonedTime : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => Tokyo;
    }
}

/// <summary>An application's context.</summary>
public sealed class ClockContext(DbContextOptions<ClockContext> options) : DbContext(options);
