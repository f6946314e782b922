extern alias old;

using System.Text;
using Confluent.Kafka;
using MassTransit.JobService;

namespace Maestro.Bus.FromMassTransit.Tests;

/// <summary>What hosts of the old application have left is finished by the new one, in the same tables.</summary>
[Collection("applications")]
public sealed class TakeoverTests(Servers servers) : IAsyncLifetime
{
    readonly Guid _published = NewId.NextGuid();
    readonly Guid _handled = NewId.NextGuid();
    readonly Guid _accepted = NewId.NextGuid();
    readonly Guid _unpaid = NewId.NextGuid();
    readonly Guid _waiting = NewId.NextGuid();
    Place _place = null!;
    World _world = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Outboxes_sagas_and_queues_of_the_old_application_are_finished_by_the_new_one()
    {
        await LeaveWork();
        Assert.Equal(2, await _place.Rows("OutboxMessage"));

        await using var application = await Application.StartNew(_place);

        foreach (var order in new[] { _published, _handled, _waiting })
            await _place.Until(order, nameof(OrderStateMachine.Accepted));
        Assert.Equal(0, await _place.Rows("OutboxMessage") + await _place.Rows("OutboxState"));

        // The old application's scheduler tells of both; one of them has been paid in the meantime.
        var (unpaid, paid) = (await Token(_unpaid), await Token(_accepted));
        await _world.TimeOut(_unpaid, unpaid);
        await _world.Pay(_accepted);
        await _place.Until(_unpaid, nameof(OrderStateMachine.Cancelled));
        await _place.Until(_accepted, nameof(OrderStateMachine.Paid));
        await _world.TimeOut(_accepted, paid);

        await Transfer(_published);
        await _place.Until(_published, nameof(OrderStateMachine.Paid));

        await Eventually.True(() => Task.FromResult(_world.Heard.Count >= 8), TimeSpan.FromSeconds(60), "eight events", Cancellation);
        Assert.Equal(
            Expected((_published, "paid"), (_handled, null), (_accepted, "paid"), (_unpaid, "cancelled"), (_waiting, null)), _world.Heard);
        Assert.Equivalent(
            new[] { $"{_accepted} {Application.OldName}", $"{_unpaid} {Application.OldName}", $"{_waiting} {Application.NewName}" },
            await _place.List("""SELECT concat("OrderId", ' ', "Application") FROM "Journal" WHERE "What" = 'submit'"""), strict: true);
        await Eventually.True(async () => await Records(_published) == 1, TimeSpan.FromSeconds(60), "a record of the order", Cancellation);
        Assert.Empty(await Broker.Failures(servers, _place));
    }

    public async ValueTask InitializeAsync()
    {
        _place = await Place.Create(servers);
        _world = await World.Start(_place);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    async Task LeaveWork()
    {
        await using var application = await Application.StartOld(_place);

        // Two orders that are accepted, and wait for their payment.
        foreach (var order in new[] { _accepted, _unpaid })
        {
            await _world.Submit(World.Order(order));
            await _place.Until(order, nameof(OrderStateMachine.Accepted));
        }

        // One that a request has written, and whose outbox nobody has sent.
        await application.Post(World.Order(_published));

        // One whose message was handled, and not acknowledged: its outbox is that of the message.
        await application.Post(World.Order(_handled));
        await application.Stop();
        await LeaveHandled();

        // And one whose message nobody has taken from its queue.
        await _world.Submit(World.Order(_waiting));
    }

    async Task LeaveHandled()
    {
        var message = NewId.NextGuid();
        var consumer = JobMetadataCache<old::Acme.Orders.SubmitOrderConsumer, old::Acme.Orders.SubmitOrder>
            .GenerateJobTypeId("submit-order");
        await _place.Run(
            """
            INSERT INTO "InboxState" ("MessageId", "ConsumerId", "LockId", "Received", "ReceiveCount", "Consumed")
            VALUES ($1, $2, $3, now(), 1, now())
            """,
            message, consumer, NewId.NextGuid());
        var outbox = await _place.Read<Guid>(
            """
            UPDATE "OutboxMessage" SET "OutboxId" = NULL, "InboxMessageId" = $1, "InboxConsumerId" = $2 WHERE "Body" LIKE $3
            RETURNING (SELECT was."OutboxId" FROM "OutboxMessage" was WHERE was."SequenceNumber" = "OutboxMessage"."SequenceNumber")
            """,
            message, consumer, $"%{_handled}%");
        Assert.Equal(1, await _place.Run("""DELETE FROM "OutboxState" WHERE "OutboxId" = $1""", outbox));
        await _world.Submit(World.Order(_handled), message);
    }

    Task<Guid> Token(Guid order) =>
        _place.Read<Guid>("""SELECT "PaymentTimeoutTokenId" FROM "OrderState" WHERE "CorrelationId" = $1""", order);

    static Dictionary<(Guid Order, string What), int> Expected(params (Guid Order, string? End)[] orders) => orders
        .SelectMany(order => order.End is null
            ? [(order.Order, "accepted")]
            : new[] { (order.Order, "accepted"), (order.Order, order.End) })
        .ToDictionary(heard => heard, _ => 1);

    async Task Transfer(Guid order)
    {
        // As MassTransit's rider writes it: the message as JSON, and what an envelope would hold as headers.
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = _place.Kafka }).Build();
        await producer.ProduceAsync(
            Servers.Transfers,
            new Message<string, string>
            {
                Key = $"{order}",
                Value = $$"""{"orderId":"{{order}}"}""",
                Headers = new Confluent.Kafka.Headers { { "MessageId", Encoding.UTF8.GetBytes($"{NewId.NextGuid()}") } },
            },
            Cancellation);
    }

    async Task<int> Records(Guid order)
    {
        using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig
        {
            BootstrapServers = _place.Kafka,
            GroupId = $"{NewId.NextGuid()}",
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnablePartitionEof = true,
        }).Build();
        consumer.Assign(
            [.. Enumerable.Range(0, 2).Select(partition => new TopicPartitionOffset(Servers.Accepted, partition, Offset.Beginning))]);
        var (found, ends) = (0, 0);
        while (ends < 2)
        {
            Cancellation.ThrowIfCancellationRequested();
            if (consumer.Consume(TimeSpan.FromSeconds(1)) is not { } record)
                continue;

            if (record.IsPartitionEOF)
                ends++;
            else if (record.Message.Key == $"{order}")
                found++;
        }

        return await Task.FromResult(found);
    }
}
