using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace MaestroBus.Integration.Tests;

/// <summary>An API that asks for time gets it: the queue's own delays, which are shorter, give way.</summary>
public sealed class RetryAfterTests
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public Task Seconds_are_waited_for() => SecondCallComesNoEarlier(() => "4", TimeSpan.FromSeconds(4));

    // An HTTP date has no fractions of a second.
    [Fact]
    public Task A_date_is_waited_for() => SecondCallComesNoEarlier(
        () => TimeProvider.System.GetUtcNow().AddSeconds(5).ToString("R", CultureInfo.InvariantCulture), TimeSpan.FromSeconds(4));

    [Fact]
    public Task More_than_is_allowed_is_cut() => SecondCallComesNoEarlier(
        () => "86400", TimeSpan.FromSeconds(2), new KeyValuePair<string, string?>("Bus:Retry:MaxRetryAfter", "2s"));

    [Theory]
    [InlineData("5s", 5, 5.25)]
    [InlineData("30m", 1800, 1890)]
    [InlineData("59m", 3540, 3600)]
    [InlineData("3h", 3600, 3600)]
    [InlineData("0s", 1, 1)]
    [InlineData(null, 1, 1)]
    public void What_is_asked_for_lengthens_the_delay_up_to_the_limit(string? asked, double least, double most)
    {
        TimeSpan? retryAfter = asked is null
            ? null
            : Duration.TryParse(asked, out var duration) ? duration : throw new FormatException(asked);
        var exception = new InvalidOperationException(
            "", new AggregateException(new DependencyUnavailableException("") { RetryAfter = retryAfter }));

        var delay = new RetrySettings().DelayAfter(TimeSpan.FromSeconds(1), exception);

        Assert.InRange(delay.TotalSeconds, least, most);
    }

    [Fact]
    public void A_longer_delay_of_the_queue_stays() => Assert.Equal(
        TimeSpan.FromMinutes(2), new RetrySettings().DelayAfter(
            TimeSpan.FromMinutes(2), new DependencyUnavailableException("") { RetryAfter = TimeSpan.FromMinutes(1) }));

    static async Task SecondCallComesNoEarlier(Func<string> retryAfter, TimeSpan earliest, params KeyValuePair<string, string?>[] settings)
    {
        using var folder = new TemporaryFolder();
        var calls = new ConcurrentQueue<long>();
        await using var api = await Api.Start(context =>
        {
            calls.Enqueue(Stopwatch.GetTimestamp());
            context.Response.StatusCode = calls.Count == 1 ? 429 : 200;
            context.Response.Headers.RetryAfter = retryAfter();
            return Task.CompletedTask;
        });
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
        [
            new("Bus:Transport", "sqlite"),
            new("Bus:Sqlite:Path", folder.At("bus.db")),
            new("Bus:Integration:Addresses:shop:BaseAddress", api.Address),
            new("Bus:Queues:integration-tasks:FirstRetryDelay", "100ms"),
            .. settings,
        ]);
        builder.Services.AddBus(builder.Configuration, [new IntegrationDomain()], [new SqliteTransport()]);
        using var host = builder.Build();
        await host.StartAsync(Cancel);

        await host.Services.GetRequiredService<IBus>().Publish(CallApiScenario.Call("POST", body: "{}"), Cancel);
        await Eventually.True(() => Task.FromResult(calls.Count == 2), Limit, "the second call", Cancel);

        var times = calls.ToArray();
        Assert.True(Stopwatch.GetElapsedTime(times[0], times[1]) >= earliest,
            $"The second call came after {Stopwatch.GetElapsedTime(times[0], times[1])}.");
        await host.StopAsync(CancellationToken.None);
    }
}
