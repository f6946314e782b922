namespace MaestroBus.Analytics.Tests;

public sealed class UsageStoreTests
{
    static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Usage_is_kept_apart_by_tenant_type_and_hour()
    {
        await using var store = await UsageStore.Open();
        await Count(store, "acme", "A", Noon);
        await Count(store, "acme", "A", Noon.AddMinutes(59));
        await Count(store, "acme", "A", Noon.AddMinutes(60));
        await Count(store, "acme", "B", Noon);
        await Count(store, "other", "A", Noon);

        var hour = await store.Find("acme", Noon, Noon.AddHours(1), Token);

        Assert.Equal([new MessageUsage("A", 2, Noon.AddMinutes(59)), new MessageUsage("B", 1, Noon)], hour);
        Assert.Equal([new MessageUsage("A", 3, Noon.AddMinutes(60)), new MessageUsage("B", 1, Noon)],
            await store.Find("acme", Noon, Noon.AddHours(2), Token));
        Assert.Empty(await store.Find("acme", Noon.AddHours(2), Noon.AddHours(3), Token));
    }

    [Fact]
    public async Task The_newest_time_stays_when_an_older_message_comes_later()
    {
        await using var store = await UsageStore.Open();
        await Count(store, "acme", "A", Noon.AddMinutes(10));

        await Count(store, "acme", "A", Noon.AddMinutes(5));

        Assert.Equal([new MessageUsage("A", 2, Noon.AddMinutes(10))], await All(store, "acme"));
    }

    [Fact]
    public async Task An_id_is_counted_once_as_long_as_it_is_remembered()
    {
        await using var store = await UsageStore.Open();
        var id = NewId.NextGuid();

        await Count(store, "acme", "A", Noon, id);
        await Count(store, "acme", "A", Noon, id);
        Assert.Equal(1, (await All(store, "acme"))[0].Count);
        await store.Forget(Noon.AddDays(6));
        await Count(store, "acme", "A", Noon, id);
        Assert.Equal(1, (await All(store, "acme"))[0].Count);
        await store.Forget(Noon.AddDays(8));
        await Count(store, "acme", "A", Noon, id);

        Assert.Equal(2, (await All(store, "acme"))[0].Count);
    }

    [Fact]
    public async Task A_message_without_an_id_is_counted_each_time()
    {
        await using var store = await UsageStore.Open();

        await store.Count(new UsedMessage(null, "acme", "A", Noon), Token);
        await store.Count(new UsedMessage(null, "acme", "A", Noon), Token);

        Assert.Equal(2, (await All(store, "acme"))[0].Count);
    }

    [Fact]
    public async Task Many_at_one_time_are_all_counted_and_duplicates_once()
    {
        await using var store = await UsageStore.Open();
        var ids = Enumerable.Range(0, 200).Select(_ => NewId.NextGuid()).ToList();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(
            async () =>
            {
                foreach (var id in ids.Skip(worker * 10).Concat(ids.Take(worker * 10)))
                {
                    await Count(store, "acme", "A", Noon, id);
                    await Count(store, "acme", $"B{worker}", Noon);
                }
            },
            Token)));

        var usage = await All(store, "acme");
        Assert.Equal(9, usage.Count);
        Assert.All(usage, type => Assert.Equal(200, type.Count));
    }

    static Task Count(UsageStore store, string tenant, string type, DateTimeOffset at, Guid? id = null) =>
        store.Count(new UsedMessage(id ?? NewId.NextGuid(), tenant, type, at), Token);

    static Task<IReadOnlyList<MessageUsage>> All(UsageStore store, string tenant) =>
        store.Find(tenant, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, Token);
}
