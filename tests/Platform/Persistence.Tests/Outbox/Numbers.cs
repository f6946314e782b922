using Microsoft.Extensions.Hosting;

namespace Maestro.Bus.Persistence.Tests;

/// <summary>Numbers that are written with their messages, sent by processes of their own, and handled once.</summary>
static class Numbers
{
    const int KeysPerWriter = 4;

    public static Dictionary<string, string?> OnServers(string database, string broker) => new()
    {
        ["Bus:Transport"] = "rabbitmq",
        ["Bus:RabbitMq:Url"] = broker,
        ["Bus:Database:Provider"] = "postgresql",
        ["Bus:Database:ConnectionString"] = database,
    };

    /// <summary>Starts a process that sends what is in the outbox.</summary>
    public static ServerProcess StartDispatcher(Dictionary<string, string?> settings) => ServerProcess.StartChild(
        "A dispatcher", typeof(ChaosHost).Assembly, settings.Select(setting => $"{setting.Key}={setting.Value}"));

    /// <summary>Writes numbers of four keys, several in a transaction; some transactions are not committed.</summary>
    /// <param name="host">The host that writes them.</param>
    /// <param name="writer">Whose keys they are.</param>
    /// <param name="goesOn">Whether to write more.</param>
    /// <param name="wrote">Is told how many were committed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task Write(IHost host, int writer, Func<bool> goesOn, Action<int> wrote, CancellationToken cancellationToken)
    {
        var random = new Random(writer);
        var values = new int[KeysPerWriter];

        while (goesOn())
        {
            await using var scope = host.Services.CreateAsyncScope();
            var context = scope.ServiceProvider.GetRequiredService<ChaosContext>();
            var endpoint = scope.ServiceProvider.GetRequiredService<IPublishEndpoint>();
            var isCommitted = random.Next(10) > 0;
            var next = (int[])values.Clone();
            var count = random.Next(1, 21);

            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
            for (var message = 0; message < count; message++)
            {
                var key = random.Next(KeysPerWriter);
                var number = new Number($"{writer}-{key}", isCommitted ? next[key]++ : -1);
                context.Add(new Written { Key = number.Key, Value = number.Value });
                await endpoint.Publish(number, publish => publish.SetOrderingKey(number.Key), cancellationToken);
            }

            await context.SaveChangesAsync(cancellationToken);
            if (!isCommitted)
                continue;

            await transaction.CommitAsync(cancellationToken);
            values = next;
            wrote(count);
        }
    }

    public static Task<List<Number>> Written(IHost host, CancellationToken cancellationToken) => Query(
        host, context => context.Written.Select(number => new Number(number.Key, number.Value)).ToListAsync(cancellationToken));

    public static Task<List<Number>> Handled(IHost host, CancellationToken cancellationToken) => Query(
        host, context => context.Handled.Select(number => new Number(number.Key, number.Value)).ToListAsync(cancellationToken));

    /// <summary>Waits until as many numbers are handled as were written, or more, and the outbox is empty.</summary>
    public static Task UntilHandled(IHost host, TimeSpan patience, CancellationToken cancellationToken) => Eventually.True(
        async () => await Query(
                host,
                async context => await context.Handled.CountAsync(cancellationToken) >= await context.Written.CountAsync(cancellationToken))
            && await Waiting(host, cancellationToken) == 0,
        patience, "all messages to be handled", cancellationToken);

    /// <summary>Waits until so many hosts have all partitions of the outbox.</summary>
    public static Task UntilShared(IHost host, int hosts, TimeSpan patience, CancellationToken cancellationToken) => Eventually.True(
        async () => await Query(host, context => context.Database.SqlQuery<int>(
            $"""
            SELECT CAST(count(DISTINCT host) AS int) AS "Value" FROM lease WHERE lease_group = 'outbox' AND
                (SELECT count(host) FROM lease WHERE lease_group = 'outbox') = {(int)OutboxPartitions.Count}
            """).SingleAsync(cancellationToken)) == hosts,
        patience, $"{hosts} to have all partitions", cancellationToken);

    /// <summary>Counts the messages in the outbox.</summary>
    public static Task<int> Waiting(IHost host, CancellationToken cancellationToken) => Query(
        host,
        context => context.Database.SqlQuery<int>($"SELECT CAST(count(*) AS int) AS \"Value\" FROM outbox_message")
            .SingleAsync(cancellationToken));

    public static async Task<T> Query<T>(IHost host, Func<ChaosContext, Task<T>> query)
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await query(scope.ServiceProvider.GetRequiredService<ChaosContext>());
    }

    /// <summary>Handles each number once, in any order.</summary>
    public static void Handle(IBusRegistrationConfigurator bus) =>
        bus.AddHandler<Number, ChaosContext>((ConsumeContext<Number> message, ChaosContext context) =>
        {
            context.Add(new Handled { Key = message.Message.Key, Value = message.Message.Value });
            return Task.CompletedTask;
        }).Endpoint(endpoint =>
        {
            endpoint.Name = "numbers";
            endpoint.AddConfigureEndpointCallback(
                (registration, configurator) => configurator.UseEntityFrameworkOutbox<ChaosContext>(registration));
        });
}
