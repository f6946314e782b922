using System.Text;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>What every store of claims and results promises.</summary>
public abstract class IdempotencyStoreSuite : IAsyncDisposable
{
    static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Day = TimeSpan.FromHours(24);
    static readonly IdempotencyKey Key = new("payments:Pay", "acme:Pay:hash", 7);

    ShopHost? _host;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract Task<Dictionary<string, string?>> NewDatabase();

    [Fact]
    public async Task Of_many_who_claim_a_message_at_once_one_gets_it()
    {
        var store = await Store();

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(_ => Task.Run(() => store.Claim(Key, NewId.NextGuid(), Lease, Cancellation), Cancellation)));

        Assert.Single(answers, answer => answer.Claim == ClaimState.Mine);
        Assert.Equal(39, answers.Count(answer => answer.Claim == ClaimState.Busy));
    }

    [Fact]
    public async Task Of_many_who_claim_a_message_on_both_sides_of_a_window_s_edge_one_gets_it()
    {
        var store = await Store();

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(number =>
            Task.Run(() => store.Claim(Key with { Window = 7 + (number % 2) }, NewId.NextGuid(), Lease, Cancellation), Cancellation)));

        Assert.Single(answers, answer => answer.Claim == ClaimState.Mine);
    }

    [Fact]
    public async Task A_message_that_is_done_gives_its_results_to_the_windows_beside_it_and_to_no_other_consumer_or_message()
    {
        var (store, run) = (await Store(), NewId.NextGuid());
        await store.Claim(Key, run, Lease, Cancellation);

        Assert.True(await store.Complete(Key, run, "[1]"u8.ToArray(), Day, Cancellation));

        foreach (var window in new[] { 6, 7, 8 })
        {
            var answer = await Claim(store, Key with { Window = window });
            Assert.Equal((ClaimState.Done, "[1]"), (answer.Claim, Encoding.UTF8.GetString(answer.Results!)));
        }

        Assert.Equal(ClaimState.Mine, (await Claim(store, Key with { Window = 9 })).Claim);
        Assert.Equal(ClaimState.Mine, (await Claim(store, Key with { Scope = "payments:Other" })).Claim);
        Assert.Equal(ClaimState.Mine, (await Claim(store, Key with { Message = "globex:Pay:hash" })).Claim);
    }

    [Fact]
    public async Task A_claim_of_a_clock_that_was_40_days_ahead_is_taken_over_and_a_result_stays()
    {
        var store = await Store();
        await store.Claim(Key, NewId.NextGuid(), Lease, Cancellation);
        Assert.Equal(ClaimState.Busy, (await Claim(store, Key)).Claim);

        await Shift(TimeSpan.FromDays(40));
        Assert.Equal(ClaimState.TakenOver, (await Claim(store, Key)).Claim);
        Assert.Equal(ClaimState.Busy, (await Claim(store, Key)).Claim);

        var run = NewId.NextGuid();
        await store.Claim(Key with { Window = 20 }, run, Lease, Cancellation);
        await store.Complete(Key with { Window = 20 }, run, "[1]"u8.ToArray(), Day, Cancellation);
        await Shift(TimeSpan.FromDays(40));
        Assert.Equal(ClaimState.Done, (await Claim(store, Key with { Window = 20 })).Claim);
    }

    [Fact]
    public async Task A_claim_that_is_released_can_be_made_again()
    {
        var (store, run) = (await Store(), NewId.NextGuid());
        await store.Claim(Key, run, Lease, Cancellation);

        await store.Release(Key, NewId.NextGuid(), Cancellation);
        Assert.Equal(ClaimState.Busy, (await Claim(store, Key)).Claim);

        await store.Release(Key, run, Cancellation);
        Assert.Equal(ClaimState.Mine, (await Claim(store, Key)).Claim);
    }

    [Fact]
    public async Task A_claim_whose_lease_is_over_is_taken_over_and_its_run_can_keep_nothing_any_more()
    {
        var (store, died, next) = (await Store(), NewId.NextGuid(), NewId.NextGuid());
        await store.Claim(Key, died, TimeSpan.FromMilliseconds(50), Cancellation);

        await Eventually.True(async () => (await store.Claim(Key, next, Lease, Cancellation)).Claim == ClaimState.TakenOver,
            TimeSpan.FromSeconds(60), "the end of the lease", Cancellation);

        Assert.False(await store.Complete(Key, died, [], Day, Cancellation));
        Assert.True(await store.Complete(Key, next, [], Day, Cancellation));
    }

    [Fact]
    public async Task A_claim_that_is_renewed_is_not_taken_over()
    {
        var (store, run) = (await Store(), NewId.NextGuid());
        await store.Claim(Key, run, Lease, Cancellation);

        await store.Renew(Key, run, 10 * Lease, Cancellation);

        // The first lease is over by then.
        await Shift(-2 * Lease);
        Assert.Equal(ClaimState.Busy, (await Claim(store, Key)).Claim);
    }

    [Fact]
    public async Task Results_whose_time_is_over_are_deleted()
    {
        var (store, run) = (await Store(), NewId.NextGuid());
        await store.Claim(Key, run, Lease, Cancellation);
        await store.Complete(Key, run, [], TimeSpan.FromMilliseconds(50), Cancellation);
        await store.Claim(Key with { Window = 100 }, NewId.NextGuid(), Lease, Cancellation);

        await Eventually.True(
            async () =>
            {
                await store.DeleteExpired(Cancellation);
                return await _host!.Count("idempotency_claim") == 1;
            },
            TimeSpan.FromSeconds(60), "the deletion", Cancellation);

        Assert.Equal(ClaimState.Mine, (await Claim(store, Key)).Claim);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();

        GC.SuppressFinalize(this);
    }

    static Task<ClaimAnswer> Claim(IIdempotencyStore store, IdempotencyKey key) => store.Claim(key, NewId.NextGuid(), Lease, Cancellation);

    async Task Shift(TimeSpan by)
    {
        await using var connection = await _host!.Services.GetRequiredService<BusDatabase>().Open(Cancellation);
        await using var command = connection.CreateCommand();
        var time = connection is Npgsql.NpgsqlConnection ? $"interval '{by.TotalSeconds} seconds'" : $"{by.TotalMilliseconds}";
        command.CommandText = $"UPDATE idempotency_claim SET expires = expires + {time}";
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    async Task<IIdempotencyStore> Store()
    {
        _host = await ShopHost.Start(await NewDatabase());
        return _host.Services.GetRequiredService<IIdempotencyStore>();
    }
}

public sealed class SqliteIdempotencyStoreTests : IdempotencyStoreSuite
{
    protected override Task<Dictionary<string, string?>> NewDatabase() => Task.FromResult(Databases.Sqlite());
}

public sealed class PostgresIdempotencyStoreTests(PostgresFixture postgres) : IdempotencyStoreSuite
{
    protected override Task<Dictionary<string, string?>> NewDatabase() =>
        Databases.Postgres(postgres, TestContext.Current.CancellationToken);
}
