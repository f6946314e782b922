using Microsoft.AspNetCore.Mvc;

namespace Maestro.Bus.Ledger.Chaos;

/// <summary>Takes entries by HTTP, sends them through the outbox, and writes them into a table when they come from the queue.</summary>
public sealed class LedgerDomain : BusDomain
{
    public const string QueueName = "ledger";

    /// <summary>The topic of entries, for hosts that have Kafka.</summary>
    public const string Topic = "ledger-entries";

    public override string Queue => QueueName;

    public override QueuePolicy Policy => new() { Concurrency = 10, Attempts = 10, FirstRetryDelay = TimeSpan.FromSeconds(1) };

    public override void AddServices(BusBuilder bus)
    {
        ArgumentNullException.ThrowIfNull(bus);
        bus.AddDatabase<LedgerContext>();
        bus.Topics(topics => topics.Consumes<Entry>(Topic));
        if (bus.AddSettings<LedgerSettings>("Ledger").Keep is not null)
            bus.Services.AddHostedService<LedgerHousekeeping>();
    }

    public override void MapEndpoints(IEndpointRouteBuilder routes) => routes.MapPost("/entries", Take).RequireRole(AccessRole.Client);

    // A caller that has got no answer sends the same id again, and the inbox knows it.
    static async Task<IResult> Take(
        EntryRequest request, [FromServices] IPublishEndpoint bus, [FromServices] LedgerContext context, CancellationToken cancellation)
    {
        await bus.Publish(
            new Entry(request.Key, request.Value),
            publish =>
            {
                publish.MessageId = request.Id;
                publish.SetOrderingKey(request.Key);
            },
            cancellation);
        await context.SaveChangesAsync(cancellation);
        return TypedResults.Accepted((string?)null);
    }
}

/// <summary>A number of a key: 0, 1, 2 and so on.</summary>
public sealed record Entry(string Key, int Value)
{
    /// <summary>The key of entries that are refused for good.</summary>
    public const string Invalid = "invalid";

    /// <summary>The key of entries whose consumer never comes to an end, and does not listen either.</summary>
    public const string Hangs = "hangs";
}

/// <summary>An entry with the id that a caller gives it.</summary>
public sealed record EntryRequest(Guid Id, string Key, int Value);

/// <summary>Writes entries into the table.</summary>
public sealed class EntryConsumer(LedgerContext ledger, TimeProvider time) : IConsumer<Entry>
{
    public async Task Consume(ConsumeContext<Entry> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Message.Key == Entry.Invalid)
            throw new InvalidMessageException($"The entry {context.Message.Value} is not valid.");
        if (context.Message.Key == Entry.Hangs)
            await Task.Delay(Timeout.Infinite, CancellationToken.None);

        ledger.Add(new LedgerRow
        {
            Key = context.Message.Key,
            Value = context.Message.Value,
            HandledAt = time.GetUtcNow().ToUnixTimeMilliseconds(),
        });
    }
}

/// <summary>A job that stays in work until it is cancelled.</summary>
public sealed record Stay(int Number);

/// <summary>Stays in work.</summary>
public sealed class StayConsumer : IJobConsumer<Stay>
{
    public Task Run(JobContext<Stay> context) => Task.Delay(Timeout.Infinite, context.CancellationToken);
}
