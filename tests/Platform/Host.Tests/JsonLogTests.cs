using System.Text.Json;

namespace Maestro.Bus.Host.Tests;

/// <summary>The log as JSON, for programs that collect it.</summary>
public sealed class JsonLogTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_line_is_an_object_with_the_event_its_level_and_its_properties()
    {
        var port = Ports.Free();
        await using var host = new HostProcess(
            ["Logging:Console:FormatterName=json", "Bus:Transport=rabbitmq", $"Bus:RabbitMq:Port={port}"]);
        await Eventually.True(
            () => Task.FromResult(host.HasExited || host.Output.Contains("cannot be reached", StringComparison.Ordinal)),
            TimeSpan.FromMinutes(3), "the line of an outage", Cancellation);
        await host.Kill();

        // The last line may be cut.
        var lines = host.Output.Split('\n')[..^1];
        var entries = lines.Select(line => JsonElement.Parse(line)).ToList();
        Assert.All(entries, entry => Assert.Superset(
            new HashSet<string> { "EventId", "LogLevel", "Category", "Message", "State" },
            entry.EnumerateObject().Select(property => property.Name).ToHashSet()));
        var line = Assert.Single(entries, entry => entry.GetProperty("EventId").GetInt32() == 90);
        var state = line.GetProperty("State");
        Assert.Equal(
            ("Warning", "Maestro.Bus.Messaging.Outages", $"RabbitMQ at localhost:{port}"),
            (line.GetProperty("LogLevel").GetString(), line.GetProperty("Category").GetString(),
                state.GetProperty("Dependency").GetString()));
        Assert.Equal(
            $"RabbitMQ at localhost:{port} cannot be reached: {state.GetProperty("Reason").GetString()}. It is tried again until it can",
            line.GetProperty("Message").GetString());
    }
}
