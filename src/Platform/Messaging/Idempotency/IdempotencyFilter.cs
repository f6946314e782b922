namespace Maestro.Bus.Messaging;

/// <summary>
/// Claims a message, has it handled, and keeps what came of it. A repetition gets the results; one that comes while the first is still
/// being handled goes back to its queue for a moment.
/// </summary>
sealed class IdempotencyFilter<TConsumer, TMessage>(IServiceProvider services, Idempotency idempotency, string scope)
    : IFilter<ConsumeContext<TMessage>>
    where TConsumer : class
    where TMessage : class
{
    readonly Lazy<CriticalFields?> _fields = new(() => idempotency.Of(typeof(TConsumer), typeof(TMessage)));
    readonly Lazy<IdempotentConsumer> _consumer = new(() => services.GetRequiredService<IdempotentConsumer>());

    public void Probe(ProbeContext context) => context.CreateFilterScope("idempotency");

    public Task Send(ConsumeContext<TMessage> context, IPipe<ConsumeContext<TMessage>> next) =>
        _fields.Value is { } fields ? _consumer.Value.Handle(context, fields, scope, next) : next.Send(context);
}
