using System.Text.Json;

namespace Maestro.Bus.Benchmarks;

/// <summary>A host whose queue handles what comes out of the dead letters, in memory but for its database.</summary>
static class DeadLetterBus
{
    const string Queue = "bench-dead-letters";
    const int Groups = 10;

    public static IHost Build(Dictionary<string, string?> database)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?> { ["Bus:Transport"] = "memory", ["Bus:Database:Migrate"] = "true" });
        builder.Configuration.AddInMemoryCollection(database);
        builder.Services.AddBus(builder.Configuration, [new DeadLetterDomain()], []);
        return builder.Build();
    }

    /// <summary>A message that has failed.</summary>
    public static DeadLetter Letter(int number) => new()
    {
        Key = $"bench:{number}",
        Queue = Queue,
        Address = new Uri($"queue:{Queue}"),
        MessageId = NewId.NextGuid(),
        MessageType = MessageUrn.ForTypeString<BenchMessage>(),
        Reason = DeadLetterReason.Fault,
        ExceptionType = "System.TimeoutException",
        ExceptionMessage = $"The number {number} took too long.",
        Detail = $"System.TimeoutException: The number {number} took too long.\n   at Bench.Kind{number % Groups}.Handle(Int32 "
            + $"number)\n{string.Concat(Enumerable.Repeat("   at System.Threading.Tasks.Task.Run(Object state)\n", 30))}",
        Attempts = 5,
        FailedAt = TimeProvider.System.GetUtcNow(),
        Tenant = "bench",
        Headers = new Dictionary<string, object?> { ["tenant-id"] = "bench", ["Bus-Attempts"] = 5 },
        Body = JsonSerializer.SerializeToUtf8Bytes(new
        {
            messageId = NewId.NextGuid(),
            messageType = new[] { MessageUrn.ForTypeString<BenchMessage>() },
            message = new { number, text = BenchMessage.Filler },
            headers = new Dictionary<string, object> { ["Bus-Attempts"] = 5, ["tenant-id"] = "bench" },
        }),
    };

    sealed class DeadLetterDomain : BusDomain
    {
        public override string Queue => DeadLetterBus.Queue;

        public override QueuePolicy Policy => new() { Concurrency = 20, Prefetch = 200 };

        public override void AddServices(BusBuilder bus)
        {
            bus.Services.AddSingleton<Arrivals>();
            bus.AddDatabase<OrderContext>();
        }
    }
}
