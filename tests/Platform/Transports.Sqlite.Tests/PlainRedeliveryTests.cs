namespace Maestro.Bus.Transports.Sqlite.Tests;

/// <summary>A message that came by a schedule, and that its consumer has delivered once more.</summary>
public sealed class PlainRedeliveryTests : PlainBusTest
{
    [Fact]
    public async Task It_comes_again_as_it_was_and_counts_how_often()
    {
        var (seen, others) = (new Received<Seen>(), new Received<int?>());
        var host = await Start(
            bus =>
            {
                bus.AddSqlMessageScheduler();
                bus.AddHandler(async (ConsumeContext<Note> context) =>
                {
                    seen.Add(Seen.Of(context));
                    if (context.GetRedeliveryCount() < 2)
                        await context.Redeliver(TimeSpan.FromMilliseconds(20));
                    else
                        await context.Publish(new Other(context.Message.Number));
                }).Endpoint(endpoint => endpoint.Name = "notes");
                bus.AddHandler((ConsumeContext<Other> context) => Add(others, context.Headers.Get<int>(MessageHeaders.RedeliveryCount)));
            },
            (_, sql) => sql.UseSqlMessageScheduler());

        var correlation = NewId.NextGuid();
        var scheduled = await Schedule(host, scheduler => scheduler.SchedulePublish(
            TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(100), new Note(7),
            Pipe.Execute<SendContext<Note>>(context =>
            {
                context.CorrelationId = correlation;
                context.Headers.Set("tenant", "acme");
            }),
            Cancel));

        var deliveries = await seen.AtLeast(3);
        Assert.Equal([0, 1, 2], deliveries.Select(delivery => delivery.Count));
        Assert.Equal((correlation, "acme", scheduled.TokenId), (deliveries[0].Correlation, deliveries[0].Tenant, deliveries[0].Token));
        Assert.All(deliveries, delivery => Assert.Equal(deliveries[0] with { Count = delivery.Count }, delivery));
        Assert.Equal([null], await others.AtLeast(1));
    }

    /// <summary>Who cancels takes back what has not come yet, and not what its consumer has begun.</summary>
    [Fact]
    public async Task It_cannot_be_cancelled_any_more_while_it_waits()
    {
        var counts = new Received<int>();
        var host = await Start(
            bus =>
            {
                bus.AddSqlMessageScheduler();
                bus.AddHandler(async (ConsumeContext<Note> context) =>
                {
                    var count = context.GetRedeliveryCount();
                    if (count == 0)
                        await context.Redeliver(TimeSpan.FromSeconds(3));
                    counts.Add(count);
                }).Endpoint(endpoint => endpoint.Name = "notes");
            },
            (_, sql) => sql.UseSqlMessageScheduler());
        var scheduled = await Schedule(host, scheduler => scheduler.SchedulePublish(TimeSpan.FromMilliseconds(100), new Note(7), Cancel));
        await counts.AtLeast(1);

        await Schedule(host, async scheduler =>
        {
            await scheduler.CancelScheduledPublish(typeof(Note), scheduled.TokenId, Cancel);
            return true;
        });

        Assert.Equal([0, 1], await counts.AtLeast(2));
    }

    sealed record Seen(
        int Count, Guid? Message, Guid? Conversation, Guid? Correlation, Uri? Source, DateTime? Sent, string? Tenant, Guid? Token,
        int Number)
    {
        public static Seen Of(ConsumeContext<Note> context) => new(
            context.GetRedeliveryCount(), context.MessageId, context.ConversationId, context.CorrelationId, context.SourceAddress,
            context.SentTime, context.Headers.Get<string>("tenant"), context.GetSchedulingTokenId(), context.Message.Number);
    }
}
