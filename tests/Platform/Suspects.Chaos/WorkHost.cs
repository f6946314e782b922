using RabbitMQ.Client;

namespace Maestro.Bus.Suspects.Chaos;

/// <summary>A host with a queue of work.</summary>
public static class WorkHost
{
    /// <summary>The queue.</summary>
    public const string Queue = "work";

    /// <summary>The setting that says with <c>false</c> that the host only sends.</summary>
    public const string Consumes = "Consumes";

    /// <summary>The setting that says with <c>false</c> that the host has no database.</summary>
    public const string Keeps = "Keeps";

    /// <summary>Makes one.</summary>
    /// <param name="folder">Where the notes are.</param>
    /// <param name="settings">Settings as <c>name=value</c>.</param>
    public static IHost Build(string folder, IEnumerable<string> settings)
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning).AddFilter("Maestro.Bus.Messaging", LogLevel.Information)
            .AddSimpleConsole(console => console.SingleLine = true);
        builder.Configuration.AddInMemoryCollection(
            settings.Select(setting => setting.Split('=', 2))
                .Select(setting => KeyValuePair.Create<string, string?>(setting[0], setting[1])));
        builder.Services.AddSingleton(new WorkNotes(folder));
        BusDomain[] domains = builder.Configuration[Consumes] == "false" ? [] : [new WorkDomain(builder.Configuration[Keeps] != "false")];
        builder.Services.AddBus(builder.Configuration, domains, [new RabbitMqTransport(), new SqliteTransport()]);
        return builder.Build();
    }

    /// <summary>Sends work; numbers follow each other.</summary>
    public static async Task Send(IHost host, int first, int count, int milliseconds, string kind)
    {
        var endpoint = await host.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri($"queue:{Queue}"));
        for (var number = first; number < first + count; number++)
            await Send(endpoint, new Work(number, milliseconds, kind));
    }

    /// <summary>Sends work without an end, about as much as is done, and notes what has been sent.</summary>
    public static async Task Feed(IHost host, string folder, int first, int milliseconds)
    {
        const int ahead = 200;

        var notes = new WorkNotes(folder);
        var endpoint = await host.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri($"queue:{Queue}"));
        for (var number = first; ; number++)
        {
            await Send(endpoint, new Work(number, Random.Shared.Next(milliseconds + 1), "work"));
            notes.Sent.Add(number);
            while (number % 50 == 0 && notes.Sent.Read().Count - notes.Done.Read().Distinct().Count() > ahead)
                await Task.Delay(50);
        }
    }

    /// <summary>The dead letters that wait, a line for each.</summary>
    public static async Task<IReadOnlyList<string>> Letters(IHost host)
    {
        if (host.Services.GetService<IDeadLetterStore>() is not { } store)
            return await QueuedLetters(host);

        var filter = new DeadLetterFilter { State = DeadLetterState.Waiting };
        return
        [
            .. (await store.List(filter, null, 100, CancellationToken.None)).Select(letter =>
                $"{letter.Id} {NumberOf(letter.MessageId)} {letter.Reason} {letter.Attempts} {letter.ExceptionMessage}"),
        ];
    }

    /// <summary>Sends a dead letter again.</summary>
    public static Task Retry(IHost host, int letter) => host.Services.GetRequiredService<IDeadLetterOperations>().Apply(
        letter, new DeadLetterAction(DeadLetterActionKind.Retry, "a test"), CancellationToken.None);

    /// <summary>The number that a message's id is made of.</summary>
    public static int? NumberOf(Guid? id) => id is { } known ? BitConverter.ToInt32(known.ToByteArray()) : null;

    // Without a database they stay in their queue.
    static async Task<IReadOnlyList<string>> QueuedLetters(IHost host)
    {
        var factory = new ConnectionFactory { Uri = new Uri(host.Services.GetRequiredService<IConfiguration>()["Bus:RabbitMq:Url"]!) };
        await using var connection = await factory.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        List<string> lines = [];
        while (await channel.BasicGetAsync($"{Queue}-dlq", autoAck: false) is { } letter)
        {
            var headers = letter.BasicProperties.Headers!;
            var number = NumberOf(Guid.Parse(letter.BasicProperties.MessageId!));
            lines.Add($"0 {number} {Text("MT-Reason")} {headers["Bus-Attempts"]} {Text("MT-Fault-Message")}");

            string Text(string name) => System.Text.Encoding.UTF8.GetString((byte[])headers[name]!);
        }

        return lines;
    }

    static Task Send(ISendEndpoint endpoint, Work work) =>
        endpoint.Send(work, send => send.MessageId = new Guid(work.Number, 0, 1, new byte[8]));

    sealed class WorkDomain(bool keeps) : BusDomain
    {
        public override string Queue => WorkHost.Queue;

        public override QueuePolicy Policy =>
            new() { Attempts = 2, Concurrency = 8, Prefetch = 16, FirstRetryDelay = TimeSpan.FromMilliseconds(100) };

        public override void AddServices(BusBuilder bus)
        {
            if (keeps)
                bus.AddDatabase<WorkContext>();
        }
    }
}

/// <summary>Keeps nothing of its own: its messages are handled once, and sent with an outbox.</summary>
public sealed class WorkContext(DbContextOptions<WorkContext> options) : DbContext(options);
