using MassTransit.Context;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Keeps the messages in the process: nothing to install, and nothing is left of them when it ends. For tests and trying out.
/// </summary>
public sealed class MemoryTransport : BusTransport
{
    internal const string TransportName = "memory";

    /// <inheritdoc />
    public override string Name => TransportName;

    /// <inheritdoc />
    public override TransportCapabilities Capabilities => TransportCapabilities.None;

    /// <inheritdoc />
    public override void Use(IBusRegistrationConfigurator bus, Action<IBusFactoryConfigurator> configure)
    {
        AddDelayScheduler(bus);
        bus.AddSendObserver<HeaderTypes>();
        var run = new MemoryRun();
        bus.AddBusObserver(_ => run);
        bus.AddSendObserver(_ => run.Gate);
        bus.AddPublishObserver(_ => run.Gate);
        bus.UsingInMemory((context, memory) =>
        {
            UseDelayScheduler(memory);
            configure(memory);
            memory.ConfigureEndpoints(context);
        });
    }

    /// <inheritdoc />
    public override void ConfigureQueue(IReceiveEndpointConfigurator endpoint, string queue, QueuePolicy policy) =>
        endpoint.ConfigureReceive(receive => receive.UseFilter(new MemoryDeadLetters(DeadLetterQueueNames.Of(queue))));

    /// <summary>
    /// Gives a message that is tried again the headers that it came with. MassTransit takes them from the envelope, in which a decimal
    /// number is a text.
    /// </summary>
    sealed class HeaderTypes : SendingObserver
    {
        public override Task PreSend<T>(SendContext<T> context)
        {
            if (!GoingBack.Is(context) || context is not MessageSendContext<T> message)
                return Task.CompletedTask;

            // The envelope keeps what it has: it is written when it is first asked for.
            message.Body.GetBytes();
            var received = context.GetPayload<ConsumeContext>().ReceiveContext;
            foreach (var (name, value) in received.TransportHeaders.GetAll().ToList())
            {
                if (!DeadLetterHeaders.IsOfFailure(name))
                    context.Headers.Set(
                        name, name == MessageHeaders.ContentType ? BodyText.ContentTypeOfCopy(value as string, received) : value);
            }

            return Task.CompletedTask;
        }
    }
}
