namespace Maestro.Bus.Host.Tests;

/// <summary>Two hosts on one RabbitMQ, each with the default state: an SQLite file of its own.</summary>
public sealed class SeparateStateTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_second_one_ends_with_exit_code_one_and_a_sentence()
    {
        await using var server = new RabbitMqServer();
        await server.Start(Cancellation);
        await using var first = new BusHost(new Dictionary<string, string>
        {
            ["Bus:Transport"] = "rabbitmq",
            ["Bus:RabbitMq:Url"] = server.Url,
        });
        await using var second = new HostProcess(["Bus:Transport=rabbitmq", $"Bus:RabbitMq:Url={server.Url}"]);

        await second.Ended();

        Assert.Equal(1, second.ExitCode);
        Assert.Contains("belongs to hosts with another state", second.Output, StringComparison.Ordinal);
        Assert.Contains("set Bus:Database:Provider to postgresql", second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", second.Output, StringComparison.Ordinal);
    }
}
