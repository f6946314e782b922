using Microsoft.Extensions.Logging.Abstractions;

namespace MaestroBus.Analytics.Tests;

public sealed class MemoryUsageStoreTests
{
    static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Usage_is_kept_apart_by_tenant_type_and_hour()
    {
        var store = Store();
        await Count(store, "acme", "A", Noon);
        await Count(store, "acme", "A", Noon.AddMinutes(59));
        await Count(store, "acme", "A", Noon.AddMinutes(60));
        await Count(store, "acme", "B", Noon);
        await Count(store, "other", "A", Noon);

        var hour = await store.Find("acme", Noon, Noon.AddHours(1), Token);

        Assert.Equal([new MessageUsage("A", 2, Noon.AddMinutes(59)), new MessageUsage("B", 1, Noon)], hour);
        Assert.Equal([new MessageUsage("A", 3, Noon.AddMinutes(60)), new MessageUsage("B", 1, Noon)], await store.Find("acme", Noon, Noon.AddHours(2), Token));
        Assert.Empty(await store.Find("acme", Noon.AddHours(2), Noon.AddHours(3), Token));
    }

    [Fact]
    public async Task The_newest_time_stays_when_an_older_message_comes_later()
    {
        var store = Store();
        await Count(store, "acme", "A", Noon.AddMinutes(10));

        await Count(store, "acme", "A", Noon.AddMinutes(5));

        Assert.Equal([new MessageUsage("A", 2, Noon.AddMinutes(10))], await All(store, "acme"));
    }

    [Fact]
    public async Task An_id_is_counted_once_as_long_as_it_is_remembered()
    {
        var store = Store(messageIds: 2);
        var id = NewId.NextGuid();

        await Count(store, "acme", "A", Noon, id);
        await Count(store, "acme", "A", Noon, id);
        Assert.Equal(1, (await All(store, "acme"))[0].Count);
        await Count(store, "acme", "A", Noon);
        await Count(store, "acme", "A", Noon);
        await Count(store, "acme", "A", Noon, id);

        Assert.Equal(4, (await All(store, "acme"))[0].Count);
    }

    [Fact]
    public async Task A_message_without_an_id_is_counted_each_time()
    {
        var store = Store();

        await store.Count(new UsedMessage(null, "acme", "A", Noon), Token);
        await store.Count(new UsedMessage(null, "acme", "A", Noon), Token);

        Assert.Equal(2, (await All(store, "acme"))[0].Count);
    }

    [Fact]
    public async Task The_oldest_hour_gives_way_when_there_is_no_room()
    {
        var store = Store(counters: 2);
        await Count(store, "one", "A", Noon);
        await Count(store, "two", "A", Noon.AddHours(1));

        await Count(store, "three", "A", Noon.AddHours(2));

        Assert.Empty(await All(store, "one"));
        Assert.Single(await All(store, "two"));
        Assert.Single(await All(store, "three"));
    }

    [Fact]
    public async Task A_full_hour_keeps_what_it_has_counted()
    {
        var store = Store(counters: 2);
        await Count(store, "one", "A", Noon);
        await Count(store, "two", "A", Noon);

        await Count(store, "three", "A", Noon);
        await Count(store, "three", "A", Noon.AddHours(-1));
        await Count(store, "one", "A", Noon);

        Assert.Equal(2, (await All(store, "one"))[0].Count);
        Assert.Single(await All(store, "two"));
        Assert.Empty(await All(store, "three"));
    }

    [Fact]
    public async Task Many_at_one_time_are_all_counted_and_duplicates_once()
    {
        var store = Store();
        var ids = Enumerable.Range(0, 2_000).Select(_ => NewId.NextGuid()).ToList();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(
            async () =>
            {
                foreach (var id in ids.Skip(worker * 100).Concat(ids.Take(worker * 100)))
                {
                    await Count(store, "acme", "A", Noon, id);
                    await Count(store, "acme", $"B{worker}", Noon);
                }
            },
            Token)));

        var usage = await All(store, "acme");
        Assert.Equal(9, usage.Count);
        Assert.All(usage, type => Assert.Equal(2_000, type.Count));
    }

    static MemoryUsageStore Store(int counters = 1_000, int messageIds = 100_000) =>
        new(new AnalyticsSettings { Counters = counters, MessageIds = messageIds }, NullLogger<MemoryUsageStore>.Instance);

    static Task Count(MemoryUsageStore store, string tenant, string type, DateTimeOffset at, Guid? id = null) =>
        store.Count(new UsedMessage(id ?? NewId.NextGuid(), tenant, type, at), Token);

    static Task<IReadOnlyList<MessageUsage>> All(MemoryUsageStore store, string tenant) =>
        store.Find(tenant, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, Token);
}
