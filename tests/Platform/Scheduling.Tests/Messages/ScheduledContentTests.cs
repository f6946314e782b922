using System.Text.Json;
using MassTransit.Context;
using MassTransit.Scheduling;

namespace Maestro.Bus.Scheduling.Tests;

/// <summary>
/// What a message that was scheduled has beside its body, however late it is due: what it would have if it had been sent at once.
/// </summary>
public sealed class ScheduledContentTests(RabbitMqFixture rabbit, PostgresFixture postgres)
{
    static readonly string[] Names =
        ["text", "yes", "no", "int", "long", "double", "decimal", "when", "list", "table", "priority", TenantHeader.Name];

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("memory", "sqlite")]
    [InlineData("sqlite", "sqlite")]
    [InlineData("sqlite", "postgresql")]
    [InlineData("rabbitmq", "sqlite")]
    [InlineData("rabbitmq", "postgresql")]
    public async Task A_scheduled_message_has_the_headers_and_properties_of_one_that_is_sent_at_once(string transport, string database)
    {
        await using var host = await TestHost.Start(await Settings(transport, database));
        var correlation = NewId.NextGuid();
        var bus = host.Services.GetRequiredService<IBus>();
        var pipe = Pipe.Execute<SendContext>(context => Set(context, correlation));

        await bus.Publish(new Tick("at once"), Pipe.Execute<PublishContext<Tick>>(context => Set(context, correlation)), Cancellation);
        await host.InScope(async scope =>
        {
            var scheduler = scope.GetRequiredService<IMessageScheduler>();
            var now = TimeProvider.System.GetUtcNow().UtcDateTime;
            await scheduler.SchedulePublish(now.AddMilliseconds(200), new Tick("soon"), pipe, Cancellation);
            await scheduler.SchedulePublish(now.AddSeconds(3), new Tick("far off"), pipe, Cancellation);
            return await scope.GetRequiredService<IRecurringMessageScheduler>().ScheduleRecurringPublish(
                new EverySecond(), new Tick("recurring"), pipe, Cancellation);
        });

        foreach (var name in new[] { "soon", "far off", "recurring" })
            await Eventually.True(() => Task.FromResult(host.Ticks.Names.Contains(name)), TimeSpan.FromSeconds(60), name, Cancellation);
        var ticks = host.Ticks.All.ToLookup(tick => tick.Message.Name);
        var expected = Text(ticks["at once"].Single());
        Assert.All(ticks.Where(tick => tick.Key != "at once").Select(tick => tick.First()), tick => Assert.Equal(expected, Text(tick)));
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("sqlite")]
    [InlineData("rabbitmq")]
    public async Task A_scheduled_message_reaches_the_consumers_of_all_its_types(string transport)
    {
        await using var host = await TestHost.Start(await Settings(transport, "sqlite"));
        await host.InScope(async scope =>
        {
            var scheduler = scope.GetRequiredService<IMessageScheduler>();
            var now = TimeProvider.System.GetUtcNow().UtcDateTime;
            await scheduler.SchedulePublish(now.AddMilliseconds(200), new Chime("soon"), Cancellation);
            await scheduler.SchedulePublish(now.AddSeconds(3), new FarChime("far off"), Cancellation);
            return await scope.GetRequiredService<IRecurringMessageScheduler>().ScheduleRecurringPublish(
                new EverySecond(), new RecurringChime("recurring"), Cancellation);
        });

        foreach (var name in new[] { "soon", "far off", "recurring" })
            await Eventually.True(() => Task.FromResult(host.Ticks.Sounds.Contains(name)), TimeSpan.FromSeconds(60), name, Cancellation);
    }

    static void Set(SendContext context, Guid correlation)
    {
        context.CorrelationId = correlation;
        context.SourceAddress = new Uri("queue:somebody");
        TypedContent.Set(context);
        var headers = context.Headers;
        headers.Set("when", new DateTime(2026, 11, 29, 12, 0, 0, DateTimeKind.Utc));
        headers.Set("table", new Dictionary<string, object> { ["region"] = "eu" });
    }

    static string Text(ConsumeContext<Tick> context)
    {
        var headers = context.Headers.GetAll().ToDictionary(header => header.Key, header => header.Value, StringComparer.OrdinalIgnoreCase);
        var properties = context.ReceiveContext.TryGetPayload(out TransportReceiveContext? transport)
            ? transport.GetTransportProperties()
            : null;
        return string.Join('\n', Names.Select(name => $"{name}: {JsonSerializer.Serialize(headers.GetValueOrDefault(name))}"))
            + $"\n{context.CorrelationId} {context.SourceAddress} {context.RoutingKey()} {context.PartitionKey()}"
            + $" {context.Priority()} {context.TenantId()}\n"
            + string.Join('\n', (properties ?? new Dictionary<string, object>())
                .OrderBy(property => property.Key, StringComparer.Ordinal).Select(property => $"{property.Key}: {property.Value}"));
    }

    async Task<Dictionary<string, string?>> Settings(string transport, string database)
    {
        var settings = database == "sqlite" ? Databases.Sqlite() : await Databases.Postgres(postgres, Cancellation);
        settings["Bus:Transport"] = transport;
        settings["Bus:Scheduling:TransportDelay"] = "1s";
        if (transport == "sqlite")
            settings["Bus:Sqlite:Path"] = Path.ChangeExtension(Databases.Sqlite()["Bus:Database:Path"], ".bus");
        if (transport == "rabbitmq")
            settings["Bus:RabbitMq:Url"] = await rabbit.Server.CreateVirtualHost(Cancellation);
        return settings;
    }

    sealed class EverySecond : DefaultRecurringSchedule
    {
        public EverySecond() => CronExpression = "* * * * * *";
    }
}
