namespace Maestro.Bus.Persistence.Tests;

/// <summary>What three processes make of one payment that is asked for again and again.</summary>
public abstract class PaymentsSuite
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_payment_with_fifty_ids_from_three_processes_at_once_is_made_once_and_forty_nine_get_its_receipt()
    {
        var settings = await Settings(lease: "1m");
        await using var first = await PaymentsProcess.Start(settings);
        await using var second = await PaymentsProcess.Start(settings);
        await using var third = await PaymentsProcess.Start(settings);
        PaymentsProcess[] all = [first, second, third];

        await Task.WhenAll(first.Pay(17, "ada", 100), second.Pay(17, "ada", 100), third.Pay(16, "ada", 100));

        await Eventually.True(
            () => Task.FromResult(all.Sum(process => process.Receipts.Count()) == 50), Limit, "50 receipts", Cancellation);
        Assert.Single(all.SelectMany(process => process.Receipts).Distinct());
        await Eventually.True(() => Task.FromResult(all.Sum(process => process.Handled + process.Replayed) >= 50), Limit,
            "50 counted payments", Cancellation);
        Assert.Equal((1, 49), (all.Sum(process => process.Handled), all.Sum(process => process.Replayed)));
        Assert.Equal([("ada", 100)], await Made(settings));

        // What differs in a critical field is another payment.
        await second.Pay(1, "ada", 101);
        await Eventually.True(
            () => Task.FromResult(all.Sum(process => process.Receipts.Count()) == 51), Limit, "the other payment's receipt", Cancellation);
        Assert.Equal([("ada", 100), ("ada", 101)], await Made(settings));
    }

    [Fact]
    public async Task What_a_process_had_begun_that_was_killed_is_made_once_by_another_one()
    {
        var settings = await Settings(lease: "5s");
        var host = PaymentsHost.Build(settings.Select(setting => $"{setting.Key}={setting.Value}"));
        await using var stops = new Stopping(host);
        var dies = await PaymentsProcess.Start(settings, hangs: true);
        await dies.Pay(1, "eve", 5, hangs: true);
        await dies.Says("hangs");
        await host.StartAsync(Cancellation);
        await dies.Kill();
        await dies.DisposeAsync();

        // The claim of the one that died keeps this one waiting, until its lease is over.
        var receipts = await PaymentsHost.Pay(host, 3, new Pay("eve", 5)).WaitAsync(Limit, Cancellation);

        Assert.Single(receipts.Distinct());
        Assert.Equal([("eve", 5)], await Made(settings));
    }

    protected abstract Task<Dictionary<string, string?>> NewServers();

    async Task<Dictionary<string, string?>> Settings(string lease)
    {
        var settings = await NewServers();
        settings["Bus:Database:Migrate"] = "true";
        settings["Bus:Idempotency:Lease"] = lease;
        return settings;
    }

    static async Task<List<(string, int)>> Made(Dictionary<string, string?> settings)
    {
        using var host = PaymentsHost.Build(settings.Select(setting => $"{setting.Key}={setting.Value}"));
        await using var scope = host.Services.CreateAsyncScope();
        var made = await scope.ServiceProvider.GetRequiredService<ChaosContext>().Handled.OrderBy(handled => handled.Value)
            .ToListAsync(Cancellation);
        return [.. made.Select(handled => (handled.Key, handled.Value))];
    }

    sealed class Stopping(Microsoft.Extensions.Hosting.IHost host) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await host.StopAsync(CancellationToken.None);
            await ((IAsyncDisposable)host).DisposeAsync();
        }
    }
}

public sealed class SqlitePaymentsTests : PaymentsSuite
{
    protected override Task<Dictionary<string, string?>> NewServers() =>
        Task.FromResult(Databases.WithBroker(Directory.CreateTempSubdirectory("bus-tests-").FullName));
}

public sealed class PostgresAndRabbitMqPaymentsTests(PostgresFixture postgres) : PaymentsSuite, IAsyncLifetime
{
    readonly RabbitMqServer _rabbit = new();

    public async ValueTask InitializeAsync() => await _rabbit.Start(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _rabbit.DisposeAsync();

    protected override async Task<Dictionary<string, string?>> NewServers()
    {
        var settings = await Databases.Postgres(postgres, TestContext.Current.CancellationToken);
        settings["Bus:Transport"] = "rabbitmq";
        settings["Bus:RabbitMq:Url"] = await _rabbit.CreateVirtualHost(TestContext.Current.CancellationToken);
        return settings;
    }
}
