namespace Maestro.Bus.Scheduling.Tests;

/// <summary>One scheduler on real transports: near and far, cancelled and not, within a transaction and without.</summary>
public sealed class CancellationTests(RabbitMqFixture rabbit)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("rabbitmq")]
    public async Task What_is_cancelled_does_not_come_however_soon_it_is_due(string transport)
    {
        await using var host = await TestHost.Start(await Settings(transport));
        // The first delay of a host waits for what it needs at the broker; from then on, there is time enough to cancel even on a busy
        // machine.
        await host.Schedule(TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(1), new Tick("first"));
        await host.Ticks.AtLeast(1);
        var due = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(20);

        var near = await host.Schedule(due, new Tick("cancelled"));
        var far = await host.Schedule(due.AddSeconds(2), new Tick("cancelled, too"));
        await host.Schedule(due.AddMilliseconds(500), new Tick("kept"));
        await host.Cancel(near.TokenId);
        await host.Cancel(far.TokenId);
        await host.Schedule(due.AddSeconds(3), new Tick("last"));

        await host.Ticks.AtLeast(3);
        // Two that are late come in any order.
        Assert.Equal(["first", "kept", "last"], host.Ticks.Names.Order());
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("rabbitmq")]
    public async Task Messages_of_mixed_delays_all_come_and_once(string transport)
    {
        const int count = 500;
        await using var host = await TestHost.Start(await Settings(transport));
        var begin = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(2);

        await Parallel.ForEachAsync(Enumerable.Range(0, count), Cancellation,
            async (number, _) => await host.Schedule(begin.AddMilliseconds(number), new Tick("mixed", number)));
        var ticks = await host.Ticks.AtLeast(count);

        Assert.Equal(Enumerable.Range(0, count), ticks.Select(tick => tick.Message.Number).Order());
    }

    async Task<Dictionary<string, string?>> Settings(string transport)
    {
        var settings = Databases.Sqlite();
        settings["Bus:Transport"] = transport;
        settings["Bus:Sqlite:Path"] = Path.ChangeExtension(settings["Bus:Database:Path"], ".bus");
        settings["Bus:RabbitMq:Url"] = await rabbit.Server.CreateVirtualHost(Cancellation);
        settings["Bus:Scheduling:TransportDelay"] = "21s";
        return transport == "rabbitmq" ? Without(settings, "Bus:Sqlite:Path") : Without(settings, "Bus:RabbitMq:Url");
    }

    static Dictionary<string, string?> Without(Dictionary<string, string?> settings, string name)
    {
        settings.Remove(name);
        return settings;
    }
}
