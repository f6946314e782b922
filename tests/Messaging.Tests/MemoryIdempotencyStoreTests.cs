namespace MaestroBus.Messaging.Tests;

public sealed class MemoryIdempotencyStoreTests
{
    static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    static readonly IdempotencyKey Key = new("payments:Pay", "acme:Pay:hash", 7);

    readonly MovableClock _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    readonly MemoryIdempotencyStore _store;

    public MemoryIdempotencyStoreTests() => _store = new MemoryIdempotencyStore(_clock);

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_is_claimed_once_done_once_and_forgotten_after_its_time()
    {
        var run = NewId.NextGuid();
        Assert.Equal(ClaimState.Mine, (await _store.Claim(Key, run, Lease, Cancel)).Claim);
        Assert.Equal(ClaimState.Busy, await Claim(Key));
        Assert.Equal(ClaimState.Busy, await Claim(Key with { Window = 8 }));

        Assert.True(await _store.Complete(Key, run, [1], TimeSpan.FromHours(24), Cancel));
        Assert.Equal(ClaimState.Done, await Claim(Key with { Window = 6 }));
        Assert.Equal(ClaimState.Mine, await Claim(Key with { Window = 5 }));

        _clock.Now += TimeSpan.FromHours(24);
        await _store.DeleteExpired(Cancel);
        Assert.Equal(ClaimState.Mine, await Claim(Key));
    }

    [Fact]
    public async Task A_claim_of_a_clock_that_was_40_days_ahead_is_taken_over_and_a_result_stays()
    {
        _clock.Now += TimeSpan.FromDays(40);
        var run = NewId.NextGuid();
        await _store.Claim(Key, NewId.NextGuid(), Lease, Cancel);
        await _store.Claim(Key with { Window = Key.Window + 10 }, run, Lease, Cancel);
        await _store.Complete(Key with { Window = Key.Window + 10 }, run, [], Lease, Cancel);
        Assert.Equal(ClaimState.Busy, await Claim(Key));

        _clock.Now -= TimeSpan.FromDays(40);
        Assert.Equal(ClaimState.TakenOver, await Claim(Key));
        Assert.Equal(ClaimState.Busy, await Claim(Key));
        Assert.Equal(ClaimState.Done, await Claim(Key with { Window = Key.Window + 10 }));
    }

    [Fact]
    public async Task A_claim_ends_with_its_lease_unless_it_is_renewed_and_with_its_release()
    {
        var run = NewId.NextGuid();
        await _store.Claim(Key, run, Lease, Cancel);
        _clock.Now += Lease * 0.9;
        await _store.Renew(Key, run, Lease, Cancel);
        _clock.Now += Lease * 0.9;
        Assert.Equal(ClaimState.Busy, await Claim(Key));

        _clock.Now += Lease;
        var next = NewId.NextGuid();
        Assert.Equal(ClaimState.TakenOver, (await _store.Claim(Key, next, Lease, Cancel)).Claim);
        Assert.False(await _store.Complete(Key, run, [], Lease, Cancel));

        await _store.Release(Key, next, Cancel);
        Assert.Equal(ClaimState.Mine, await Claim(Key));
    }

    async Task<ClaimState> Claim(IdempotencyKey key) => (await _store.Claim(key, NewId.NextGuid(), Lease, Cancel)).Claim;
}
