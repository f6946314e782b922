namespace Maestro.Bus.Transports.Sqlite.Tests;

/// <summary>The requests of a state machine.</summary>
public sealed class PlainRequestTests : PlainBusTest
{
    [Theory]
    [InlineData(1, "answered 2")]
    [InlineData(Quotes.Failing, "failed: There is no price.")]
    [InlineData(Quotes.Silent, "timed out")]
    public async Task A_state_machine_hears_of_the_answer_the_failure_or_the_end_of_the_time(int number, string expected)
    {
        var ends = new Received<string>();
        var host = await Start(
            bus =>
            {
                bus.AddSqlMessageScheduler();
                bus.AddSagaStateMachine<QuoteStateMachine, Quotes>().InMemoryRepository();
                bus.AddHandler(async (ConsumeContext<Ask> context) =>
                {
                    if (context.Message.Number == Quotes.Failing)
                        throw new InvalidOperationException("There is no price.");
                    await context.RespondAsync(new Reply(context.Message.Number + 1));
                }).Endpoint(endpoint => endpoint.Name = "prices");
                bus.AddHandler((ConsumeContext<QuoteEnded> context) => Add(ends, context.Message.How));
            },
            (_, sql) => sql.UseSqlMessageScheduler());

        await host.Services.GetRequiredService<IBus>().Publish(new QuoteWanted(NewId.NextGuid(), number), Cancel);

        Assert.Equal([expected], await ends.AtLeast(1));
    }
}

public sealed record QuoteWanted(Guid Id, int Number);

public sealed record QuoteEnded(Guid Id, string How);

/// <summary>Nobody reads what is asked with this.</summary>
public sealed record AskNobody(int Number);

/// <summary>What nobody answers: MassTransit lets a state machine have one request for each answer.</summary>
public sealed record NoReply;

public sealed class Quotes : SagaStateMachineInstance
{
    public const int Failing = 100;
    public const int Silent = 200;

    public Guid CorrelationId { get; set; }

    public string? CurrentState { get; set; }

    public Guid? PriceRequest { get; set; }

    public Guid? SilentRequest { get; set; }
}

public sealed class QuoteStateMachine : MassTransitStateMachine<Quotes>
{
    public QuoteStateMachine()
    {
        InstanceState(quote => quote.CurrentState);
        Event(() => Wanted, wanted => wanted.CorrelateById(context => context.Message.Id));
        Request(() => Price, quote => quote.PriceRequest, request =>
        {
            request.ServiceAddress = new Uri("queue:prices");
            request.Timeout = TimeSpan.FromMinutes(5);
        });
        Request(() => Nobody, quote => quote.SilentRequest, request =>
        {
            request.ServiceAddress = new Uri("queue:nobody");
            request.Timeout = TimeSpan.FromMilliseconds(300);
        });

        Initially(
            When(Wanted, context => context.Message.Number != Quotes.Silent)
                .Request(Price, context => new Ask(context.Message.Number))
                .TransitionTo(Price!.Pending),
            When(Wanted, context => context.Message.Number == Quotes.Silent)
                .Request(Nobody, context => new AskNobody(context.Message.Number))
                .TransitionTo(Nobody!.Pending));
        During(
            Price.Pending,
            When(Price.Completed).Publish(context => Ended(context, $"answered {context.Message.Number}")).Finalize(),
            When(Price.Faulted).Publish(context => Ended(context, $"failed: {context.Message.Exceptions[0].Message}")).Finalize(),
            When(Price.TimeoutExpired).Publish(context => Ended(context, "timed out")).Finalize());
        During(
            Nobody.Pending,
            When(Nobody.Completed).Publish(context => Ended(context, "answered")).Finalize(),
            When(Nobody.TimeoutExpired).Publish(context => Ended(context, "timed out")).Finalize());
        SetCompletedWhenFinalized();
    }

    public Event<QuoteWanted> Wanted { get; private set; } = null!;

    public Request<Quotes, Ask, Reply> Price { get; private set; } = null!;

    public Request<Quotes, AskNobody, NoReply> Nobody { get; private set; } = null!;

    static QuoteEnded Ended(BehaviorContext<Quotes> context, string how) => new(context.Saga.CorrelationId, how);
}
