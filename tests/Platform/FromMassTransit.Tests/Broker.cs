using RabbitMQ.Client;

namespace Maestro.Bus.FromMassTransit.Tests;

/// <summary>What the broker has of a test's queues.</summary>
static class Broker
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The queues that hold messages, in nobody's hand, that failed or that nobody wanted.</summary>
    public static async Task<IReadOnlyList<string>> Failures(Servers servers, Place place)
    {
        var queues = await servers.RabbitMq.Read($"queues/{place.VirtualHost}", Cancellation);
        await using var connection = await new ConnectionFactory { Uri = new Uri(place.RabbitMq) }.CreateConnectionAsync(Cancellation);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancellation);

        List<string> failures = [];
        foreach (var name in queues.EnumerateArray().Select(queue => queue.GetProperty("name").GetString()!))
        {
            if ((name.EndsWith("_error", StringComparison.Ordinal) || name.EndsWith("_skipped", StringComparison.Ordinal))
                && await channel.MessageCountAsync(name, Cancellation) is > 0 and var count)
                failures.Add($"{name}: {count}");
        }

        return failures;
    }
}
