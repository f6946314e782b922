using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MaestroBus.Integration.Tests;

/// <summary>An API that is down holds up no call to another one, and costs its own calls no attempt.</summary>
public sealed class DependencyTests
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_dead_API_stops_no_calls_to_another_and_its_own_are_made_when_it_is_back()
    {
        using var folder = new TemporaryFolder();
        var down = $"http://127.0.0.1:{Ports.Free()}";
        await using var api = await Api.Answering(200);
        var outcomes = new ConcurrentDictionary<string, string>();
        using var host = Build(folder, ("down", down), ("api", api.Address));
        await host.StartAsync(Cancel);
        await Watch(host, outcomes);
        var bus = host.Services.GetRequiredService<IBus>();
        var control = host.Services.GetRequiredService<QueueControls>().Find("integration-tasks")!;

        foreach (var number in Enumerable.Range(0, 120))
            await bus.Publish(Call("down", $"down {number}"), Cancel);
        await Eventually.True(
            () => Task.FromResult(control.PausedDependencies.ContainsKey("down")), Limit, "an open circuit breaker", Cancel);
        foreach (var number in Enumerable.Range(0, 5))
            await bus.Publish(Call("api", $"api {number}"), Cancel);

        await Eventually.True(() => Task.FromResult(api.Requests.Count == 5), Limit, "the calls to the API that is up", Cancel);
        Assert.True(control.PausedDependencies.ContainsKey("down"));
        Assert.Null(control.Pause);
        Assert.DoesNotContain(outcomes, outcome => outcome.Key.StartsWith("down", StringComparison.Ordinal));

        await using var back = await Api.Start(_ => Task.CompletedTask, down);
        await Eventually.True(() => Task.FromResult(outcomes.Count == 125), Limit, "all outcomes", Cancel);
        Assert.All(outcomes.Values, outcome => Assert.Equal("succeeded", outcome));
        Assert.Empty(control.PausedDependencies);
        await host.StopAsync(CancellationToken.None);
    }

    static CallApi Call(string address, string stepId) =>
        CallApiScenario.Call("POST", address: address, body: "{}") with { StepId = stepId };

    static async Task Watch(IHost host, ConcurrentDictionary<string, string> outcomes)
    {
        var watching = host.Services.GetRequiredService<IReceiveEndpointConnector>().ConnectReceiveEndpoint("outcomes", (_, endpoint) =>
        {
            endpoint.Handler<ApiCallSucceeded>(context => Note(context.Message.StepId, "succeeded"));
            endpoint.Handler<ApiCallFailed>(context => Note(context.Message.StepId, "failed"));
            endpoint.Handler<Fault<CallApi>>(context => Note(context.Message.Message.StepId, "dead"));
        });
        await watching.Ready;

        Task Note(string stepId, string outcome)
        {
            outcomes.TryAdd(stepId, outcome);
            return Task.CompletedTask;
        }
    }

    // Two attempts: of what an outage costs nothing is left to lose.
    static IHost Build(TemporaryFolder folder, params (string Name, string Address)[] addresses)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
        [
            new("Bus:Transport", "sqlite"),
            new("Bus:Sqlite:Path", folder.At("bus.db")),
            new("Bus:Queues:integration-tasks:Attempts", "2"),
            new("Bus:Queues:integration-tasks:FirstRetryDelay", "500ms"),
            .. addresses.Select(address =>
                KeyValuePair.Create($"Bus:Integration:Addresses:{address.Name}:BaseAddress", (string?)address.Address)),
        ]);
        builder.Services.AddBus(builder.Configuration, [new IntegrationDomain()], [new SqliteTransport()]);
        return builder.Build();
    }
}
