namespace MaestroBus.Analytics.Tests;

/// <summary>The domain's store on a database of its own, with a context for each call, as each message has one.</summary>
sealed class UsageStore : IAsyncDisposable
{
    readonly Stopwatches _clock;
    readonly DomainHarness _domain;
    int _forgotten;

    UsageStore(DomainHarness domain, Stopwatches clock)
    {
        _domain = domain;
        _clock = clock;
    }

    public static async Task<UsageStore> Open()
    {
        var clock = new Stopwatches { Now = new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero) };
        return new UsageStore(
            await DomainHarness.Start<AnalyticsDomain>(configure: services => services.AddSingleton<TimeProvider>(clock)), clock);
    }

    public async Task Count(UsedMessage message, CancellationToken cancellationToken)
    {
        await using var scope = _domain.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IUsageStore>().Count(message, cancellationToken);
    }

    public async Task<IReadOnlyList<MessageUsage>> Find(
        string tenantId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        await using var scope = _domain.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<IUsageStore>().Find(tenantId, from, to, cancellationToken);
    }

    /// <summary>Forgets the ids that are old at a time.</summary>
    public async Task Forget(DateTimeOffset now)
    {
        // A clock that jumped would have nothing deleted.
        _clock.Advance(now - _clock.Now);
        await _domain.Bus.Bus.Publish(new ForgetCountedMessages());
        _forgotten++;
        var consumed = _domain.Bus.GetConsumerHarness<ForgetCountedMessagesConsumer>().Consumed;
        await Eventually.True(
            () => Task.FromResult(consumed.Select<ForgetCountedMessages>(new CancellationToken(canceled: true)).Count() >= _forgotten),
            TimeSpan.FromSeconds(60), "the message ids to be forgotten", TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _domain.DisposeAsync();
}
