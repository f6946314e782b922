namespace Maestro.Bus.Transports.Sqlite.Tests;

/// <summary>Topics and subscriptions, on the broker itself.</summary>
public sealed class RoutingTests : IDisposable
{
    readonly TestFile _file = new();

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Subscriptions_filter_by_routing_key_and_pattern()
    {
        using var broker = Open();
        foreach (var queue in new[] { "all", "red", "warm" })
            await broker.DeclareQueue(queue, null, null);
        await broker.SubscribeQueue("paint", "all", SqlSubscriptionType.All, null);
        await broker.SubscribeQueue("paint", "red", SqlSubscriptionType.RoutingKey, "red");
        await broker.SubscribeQueue("paint", "warm", SqlSubscriptionType.Pattern, "^(red|orange)$");

        await broker.Publish("paint", Message("red"), null, Cancel);
        await broker.Publish("paint", Message("orange"), null, Cancel);
        await broker.Publish("paint", Message("blue"), null, Cancel);
        await broker.Publish("paint", Message(null), null, Cancel);

        Assert.Equal(4, await Ready(broker, "all"));
        Assert.Equal(1, await Ready(broker, "red"));
        Assert.Equal(2, await Ready(broker, "warm"));
    }

    [Fact]
    public async Task A_queue_gets_a_message_once_however_many_ways_lead_to_it_even_in_a_circle()
    {
        using var broker = Open();
        await broker.DeclareQueue("inbox", null, null);
        await broker.SubscribeTopic("a", "b", SqlSubscriptionType.All, null);
        await broker.SubscribeTopic("b", "a", SqlSubscriptionType.All, null);
        await broker.SubscribeQueue("a", "inbox", SqlSubscriptionType.All, null);
        await broker.SubscribeQueue("b", "inbox", SqlSubscriptionType.All, null);

        await broker.Publish("a", Message(null), null, Cancel);

        Assert.Equal(1, await Ready(broker, "inbox"));
    }

    [Fact]
    public async Task What_one_process_declares_another_one_uses_at_once()
    {
        using var first = Open();
        using var second = Open();
        await second.Publish("news", Message(null), null, Cancel);

        await first.DeclareQueue("inbox", null, null);
        await first.SubscribeQueue("news", "inbox", SqlSubscriptionType.All, null);
        await second.Publish("news", Message(null), null, Cancel);

        Assert.Equal(1, await Ready(first, "inbox"));
    }

    [Fact]
    public async Task Declaring_what_exists_changes_nothing()
    {
        using var broker = Open();
        var queue = await broker.DeclareQueue("inbox", null, 5);

        Assert.Equal(queue, await broker.DeclareQueue("inbox", null, 5));
        Assert.Equal(await broker.DeclareTopic("news"), await broker.DeclareTopic("news"));
    }

    [Fact]
    public async Task A_message_for_several_queues_stays_until_the_last_of_them_is_done_with_it()
    {
        using var broker = Open();
        foreach (var queue in new[] { "one", "two" })
        {
            await broker.DeclareQueue(queue, null, null);
            await broker.SubscribeQueue("news", queue, SqlSubscriptionType.All, null);
        }

        await broker.Publish("news", Message(null), null, Cancel);
        Assert.Equal(1, await broker.Purge("one"));
        Assert.Equal(1, Scalar("SELECT count(*) FROM message"));

        Assert.Equal(1, await broker.Purge("two"));
        Assert.Equal(0, Scalar("SELECT count(*) FROM message") + Scalar("SELECT count(*) FROM shared"));
    }

    [Fact]
    public async Task An_operation_that_cannot_be_carried_out_does_not_take_others_with_it()
    {
        using var broker = Open();
        await broker.DeclareQueue("inbox", null, null);

        var sends = Enumerable.Range(0, 200)
            .Select(i => broker.Send(i % 10 == 0 ? "nowhere" : "inbox", Message(null), null, Cancel)).ToList();

        await Assert.ThrowsAsync<SqliteTransportException>(() => Task.WhenAll(sends));
        Assert.Equal(20, sends.Count(send => send.IsFaulted));
        Assert.Equal(180, await Ready(broker, "inbox"));
    }

    [Fact]
    public async Task A_closed_broker_says_so()
    {
        var broker = Open();
        broker.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => broker.DeclareQueue("inbox", null, null));
    }

    SqliteBroker Open() => _file.Open(new SqliteSettings { Durability = SqliteDurability.Normal });

    static Message Message(string? routingKey) =>
        new() { TransportMessageId = NewId.NextGuid(), RoutingKey = routingKey, BinaryBody = [1], Priority = 100 };

    static async Task<long> Ready(SqliteBroker broker, string queue) =>
        (await new SqliteQueues(() => broker).List()).Single(metrics => metrics.Name == queue).Ready;

    long Scalar(string sql)
    {
        using var database = Database.Open(_file.Path, TimeSpan.FromSeconds(1), readOnly: true);
        return database.Scalar(sql);
    }
}
