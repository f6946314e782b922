namespace Maestro.Bus.Persistence.Tests;

/// <summary>Text that no database stores, and that comes from outside.</summary>
public abstract class TextSuite
{
    const string Unclean = "a\0b\ud800c";
    const string Clean = "a\uFFFDb\uFFFDc";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract Task<Dictionary<string, string?>> NewDatabase();

    [Fact]
    public async Task Whatever_a_domain_writes_and_asks_for_is_cleaned()
    {
        await using var shop = await ShopHost.Start(await NewDatabase());
        // No constant, which Entity Framework writes into the statement.
        var text = string.Concat(Unclean);

        await shop.InScope(async (context, _, _) =>
        {
            context.AddRange(
                new Order { Number = 1, Note = Unclean }, new Order { Number = 2, Note = Unclean }, new Order { Number = 3, Note = Clean });
            await context.SaveChangesAsync(Cancellation);
            await context.Database.ExecuteSqlAsync($"""INSERT INTO "Orders" ("Number", "Note") VALUES (4, {text})""", Cancellation);
            await context.Orders.Where(order => order.Number == 2)
                .ExecuteUpdateAsync(order => order.SetProperty(row => row.Note, text + "!"), Cancellation);
        });

        Assert.Equal(
            [Clean, $"{Clean}!", Clean, Clean],
            await shop.Query(context =>
                context.Orders.OrderBy(order => order.Number).Select(order => order.Note).ToListAsync(Cancellation)));
        Assert.Equal(3, await shop.Query(context => context.Orders.CountAsync(order => order.Note == text, Cancellation)));
        Assert.Equal(
            Clean,
            await shop.Query(context => context.Database.SqlQuery<string>($"""SELECT {text} AS "Value" """).SingleAsync(Cancellation)));
    }

    [Fact]
    public async Task Every_text_of_a_dead_letter_and_of_what_is_done_with_it_is_cleaned()
    {
        await using var shop = await ShopHost.Start(await NewDatabase());
        var store = shop.Services.GetRequiredService<IDeadLetterStore>();
        var operations = shop.Services.GetRequiredService<IDeadLetterOperations>();

        await store.Add([Letter(Unclean)], Cancellation);
        await store.Add([Letter(Clean)], Cancellation);

        var letter = Assert.Single(await store.List(new DeadLetterFilter { Text = Unclean }, null, 10, Cancellation));
        Assert.Equal(
            (Clean, Clean, Clean, Clean, Clean, Clean),
            (letter.Queue, letter.MessageType!, letter.Reason, letter.ExceptionType!, letter.ExceptionMessage!, letter.Tenant!));
        Assert.StartsWith(Clean, (await store.Find(letter.Id, Cancellation))!.Detail, StringComparison.Ordinal);
        Assert.Equal(Clean, Assert.Single(await store.Groups(new DeadLetterFilter(), 10, Cancellation)).ExceptionMessage);
        Assert.Equal(1, await shop.Count("dead_letter_group", $"queue = '{Clean}' AND exception_message = '{Clean}'"));

        var discard = await operations.Begin(
            new DeadLetterFilter { Text = Unclean }, new DeadLetterAction(DeadLetterActionKind.Discard, Unclean), Cancellation);
        await Eventually.True(
            async () => await operations.Find(discard.Id, Cancellation) is { State: DeadLetterOperation.Finished },
            TimeSpan.FromSeconds(60), "the operation", Cancellation);
        Assert.Equal(Clean, Assert.Single(await store.List(new DeadLetterFilter(), null, 10, Cancellation)).ChangedBy);
    }

    [Fact]
    public async Task The_outboxs_texts_are_cleaned_and_its_messages_sent()
    {
        var transport = new TestTransport();
        await using var shop = await ShopHost.Start(await NewDatabase(), services => services.AddSingleton<IOutboxTransport>(transport));

        await shop.InScope(async (context, _, services) =>
        {
            foreach (var key in new[] { Unclean, Unclean, "good" })
                services.GetRequiredService<OutboxBusContext<ShopContext>>().Capture(new WaitingMessage
                {
                    OrderingKey = key,
                    Partition = OutboxPartitions.Of(key),
                    Destination = "test://shop/",
                    MessageId = NewId.NextGuid(),
                    Metadata = "{}"u8.ToArray(),
                    Body = [],
                });
            await context.SaveChangesAsync(Cancellation);
        });

        await shop.UntilEmpty();
        Assert.Equal([Clean, Clean, "good"], transport.SentTo("shop").Select(message => message.OrderingKey).Order());
    }

    [Fact]
    public async Task What_is_claimed_under_an_unclean_text_is_claimed_once()
    {
        await using var shop = await ShopHost.Start(await NewDatabase());
        var store = shop.Services.GetRequiredService<IIdempotencyStore>();
        var key = new IdempotencyKey(Unclean, Unclean, 7);
        var deaths = shop.Services.GetRequiredService<DeathDatabase>();

        Assert.Equal(ClaimState.Mine, (await store.Claim(key, NewId.NextGuid(), TimeSpan.FromMinutes(1), Cancellation)).Claim);
        Assert.Equal(ClaimState.Busy, (await store.Claim(key, NewId.NextGuid(), TimeSpan.FromMinutes(1), Cancellation)).Claim);
        await deaths.Begin(Unclean, Unclean, Unclean, Cancellation);
        Assert.Equal(0, await deaths.Deaths(Clean, Clean, Cancellation));
    }

    static DeadLetter Letter(string text) => new()
    {
        Key = text,
        Queue = text,
        Address = new Uri("queue:shop"),
        MessageType = text,
        Reason = text,
        ExceptionType = text,
        ExceptionMessage = text,
        Detail = $"{text}\n   at {text}()",
        Tenant = text,
        ContentType = text,
        Headers = new Dictionary<string, object?> { [text] = text },
        FailedAt = DateTimeOffset.UnixEpoch.AddYears(56),
        Body = "{}"u8.ToArray(),
    };
}

public sealed class SqliteTextTests : TextSuite
{
    protected override Task<Dictionary<string, string?>> NewDatabase() => Task.FromResult(Databases.Sqlite());
}

public sealed class PostgresTextTests(PostgresFixture postgres) : TextSuite
{
    protected override Task<Dictionary<string, string?>> NewDatabase() =>
        Databases.Postgres(postgres, TestContext.Current.CancellationToken);
}
