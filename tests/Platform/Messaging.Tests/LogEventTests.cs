using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Messaging.Tests;

/// <summary>The lines that an operator looks for: one for each event, with its level, its number and its properties.</summary>
public sealed class LogEventTests
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    static readonly string[] OfMessages = ["Queue", "MessageType", "MessageId", "Tenant", "CorrelationId", "Reason"];

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_that_fails_has_one_line_for_each_retry_and_one_as_a_dead_letter_and_no_stack_trace()
    {
        var log = new LogLines();
        using var host = await Start(log);
        var id = NewId.NextGuid();

        await host.Services.GetRequiredService<IBus>().Publish(new ProbeMessage("fail"), context => (context.MessageId,
            context.CorrelationId) = (id, id), Cancel);
        await Eventually.True(() => Task.FromResult(log.Entries.Any(entry => entry.Id == 51)), Limit, "the dead letter", Cancel);
        await host.StopAsync(Cancel);

        var lines = log.Entries.Where(entry => entry.Properties.GetValueOrDefault("MessageId") is Guid message && message == id).ToList();
        Assert.Equal(
            [(LogLevel.Information, 50), (LogLevel.Information, 50), (LogLevel.Warning, 51)],
            lines.Where(entry => entry.Level >= LogLevel.Information).Select(entry => (entry.Level, entry.Id)));
        Assert.All(lines.Where(entry => entry.Id is 50 or 51), entry =>
        {
            Assert.Superset(OfMessages.ToHashSet(), entry.Properties.Keys.ToHashSet());
            Assert.Equal(("probe", "ProbeMessage", "default", id, "The probe fails"), (
                entry.Properties["Queue"], entry.Properties["MessageType"], entry.Properties["Tenant"], entry.Properties["CorrelationId"],
                entry.Properties["Reason"]));
            Assert.Null(entry.Exception);
        });
        Assert.DoesNotContain(log.Entries, entry => entry.Text.StartsWith("R-FAULT", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_that_is_tried_again_is_not_dead_lettered_for_what_it_has_sent_in_vain()
    {
        var log = new LogLines();
        using var host = await Start(log, new KeyValuePair<string, string?>("Bus:Queues:probe:Concurrency", "2"));

        await host.Services.GetRequiredService<IBus>().Publish(new ProbeMessage("sends in vain"), Cancel);
        await Eventually.True(
            () => Task.FromResult(host.Services.GetRequiredService<ProbeLog>().Sent.Task.IsFaulted), Limit, "the retry", Cancel);
        await host.StopAsync(Cancel);

        Assert.Equal([50], log.Entries.Where(entry => entry.Id is 50 or 51).Select(entry => entry.Id));
        Assert.DoesNotContain(log.Entries, entry => entry.Text.StartsWith("R-FAULT", StringComparison.Ordinal));
    }

    [Fact]
    public void A_circuit_breaker_has_a_line_when_it_opens_one_a_minute_and_one_when_it_closes()
    {
        var (log, clock) = (new LogLines(), new ManualTimers(DateTimeOffset.UnixEpoch));
        var control = new QueueControl("probe", new QueuePolicy(), clock, logger: log);
        var breaker = control.BreakerOf("shop");

        for (var failure = 0; failure < 5; failure++)
            breaker.MetDown(Turn.Go, NewId.NextGuid(), new HttpRequestException("It is down."));
        clock.Advance(TimeSpan.FromSeconds(150));
        Assert.Equal(Turn.Probe, breaker.TryEnter());
        breaker.Succeeded(Turn.Probe);
        clock.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal([52, 53, 53, 54], log.Entries.Select(entry => entry.Id));
        Assert.All(log.Entries, entry =>
        {
            Assert.Equal((LogLevel.Warning, "probe", "shop"), (entry.Level, entry.Properties["Queue"], entry.Properties["Dependency"]));
            Assert.Null(entry.Exception);
        });
        Assert.All(log.Entries.Take(3), entry => Assert.Equal("It is down", entry.Properties["Reason"]));
    }

    [Fact]
    public void An_outage_has_a_line_when_it_begins_one_a_minute_and_one_when_it_ends_however_many_tell_of_it()
    {
        var (log, clock) = (new LogLines(), new ManualTimers(DateTimeOffset.UnixEpoch));
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        using var outages = new Outages(clock, loggers.CreateLogger<Outages>());

        for (var second = 0; second < 150; second++)
        {
            outages.Of("Broker").Away("Connection refused.");
            outages.Of("Broker").Away("Connection refused.");
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        outages.Of("Broker").Back();
        outages.Of("Broker").Back();
        clock.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(
            [(LogLevel.Warning, 90), (LogLevel.Warning, 91), (LogLevel.Warning, 91), (LogLevel.Information, 92)],
            log.Entries.Select(entry => (entry.Level, entry.Id)));
        Assert.All(log.Entries, entry => Assert.Equal("Broker", entry.Properties["Dependency"]));
        Assert.Equal("Broker cannot be reached: Connection refused. It is tried again until it can", log.All[0]);
        Assert.Null(outages.Of("Broker").Reason);
    }

    [Fact]
    public async Task The_journey_of_a_message_shows_the_error_of_each_retried_hop()
    {
        using var host = await Start(new LogLines());
        var conversation = NewId.NextGuid();

        await host.Services.GetRequiredService<IBus>().Publish(new ProbeMessage("fail"), context => context.ConversationId = conversation,
            Cancel);
        var journey = host.Services.GetRequiredService<JourneyLog>();
        await Eventually.True(() => Task.FromResult(journey.Of(conversation).Any(hop => hop.Outcome == "failed")), Limit, "the last hop",
            Cancel);
        await host.StopAsync(Cancel);

        Assert.Equal(
            [("retrying", true), ("retrying", true), ("failed", true)],
            journey.Of(conversation).Where(hop => hop.MessageType == "ProbeMessage")
                .Select(hop => (hop.Outcome, hop.Error?.Contains("The probe fails.", StringComparison.Ordinal) == true)));
    }

    static async Task<IHost> Start(LogLines log, params KeyValuePair<string, string?>[] settings)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Configuration["Bus:Transport"] = "memory";
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddBus(builder.Configuration, [new ProbeDomain()], []);
        var host = builder.Build();
        await host.StartAsync(Cancel);
        return host;
    }
}
