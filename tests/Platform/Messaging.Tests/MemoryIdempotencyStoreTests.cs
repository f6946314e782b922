namespace Maestro.Bus.Messaging.Tests;

public sealed class MemoryIdempotencyStoreTests
{
    static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    static readonly IdempotencyKey Key = new("payments:Pay", "acme:Pay:hash", 7);

    readonly Stopwatches _clock = new();
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

        _clock.Advance(TimeSpan.FromHours(24));
        await _store.DeleteExpired(Cancel);
        Assert.Equal(ClaimState.Mine, await Claim(Key));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(-40)]
    public async Task A_clock_that_is_wrong_for_a_while_neither_ends_nor_keeps_a_claim_or_a_result(int days)
    {
        var (run, done) = (NewId.NextGuid(), Key with { Window = Key.Window + 10 });
        await _store.Claim(Key, NewId.NextGuid(), Lease, Cancel);
        _clock.Now += TimeSpan.FromDays(days);
        Assert.Equal(ClaimState.Busy, await Claim(Key));
        await _store.Claim(done, run, Lease, Cancel);
        await _store.Complete(done, run, [], 2 * Lease, Cancel);
        await _store.DeleteExpired(Cancel);

        _clock.Now -= TimeSpan.FromDays(days);
        Assert.Equal(ClaimState.Busy, await Claim(Key));
        Assert.Equal(ClaimState.Done, await Claim(done));

        _clock.Advance(Lease);
        Assert.Equal(ClaimState.TakenOver, await Claim(Key));
        Assert.Equal(ClaimState.Done, await Claim(done));
        _clock.Advance(Lease);
        await _store.DeleteExpired(Cancel);
        Assert.Equal(ClaimState.Mine, await Claim(done));
    }

    [Fact]
    public async Task A_claim_ends_with_its_lease_unless_it_is_renewed_and_with_its_release()
    {
        var run = NewId.NextGuid();
        await _store.Claim(Key, run, Lease, Cancel);
        _clock.Advance(Lease * 0.9);
        await _store.Renew(Key, run, Lease, Cancel);
        _clock.Advance(Lease * 0.9);
        Assert.Equal(ClaimState.Busy, await Claim(Key));

        _clock.Advance(Lease);
        var next = NewId.NextGuid();
        Assert.Equal(ClaimState.TakenOver, (await _store.Claim(Key, next, Lease, Cancel)).Claim);
        Assert.False(await _store.Complete(Key, run, [], Lease, Cancel));

        await _store.Release(Key, next, Cancel);
        Assert.Equal(ClaimState.Mine, await Claim(Key));
    }

    async Task<ClaimState> Claim(IdempotencyKey key) => (await _store.Claim(key, NewId.NextGuid(), Lease, Cancel)).Claim;
}
