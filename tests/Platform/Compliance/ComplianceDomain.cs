using MassTransit.Configuration;

namespace Maestro.Bus.Compliance;

/// <summary>A domain whose queues and consumers a test chooses. Its policy is that of its own queue.</summary>
public sealed class ComplianceDomain(string queue, QueuePolicy? policy = null) : BusDomain
{
    readonly List<Action<IServiceCollection>> _handlers = [];

    public override string Queue => queue;

    public override QueuePolicy Policy => policy ?? new QueuePolicy { Attempts = 1 };

    /// <summary>Whether its queues read raw JSON beside envelopes, as those do that programs outside the bus write to.</summary>
    public bool ReadsRawJson { get; init; }

    public override void AddServices(BusBuilder bus) => _handlers.ForEach(handler => handler(bus.Services));

    /// <summary>Handles a message from the domain's own queue.</summary>
    public ComplianceDomain On<TMessage>(Func<ConsumeContext<TMessage>, Task> handle)
        where TMessage : class =>
        On<TMessage, TMessage>(queue, handle);

    /// <summary>Handles a message from any queue; a different key makes a different consumer.</summary>
    public ComplianceDomain On<TMessage, TKey>(string otherQueue, Func<ConsumeContext<TMessage>, Task> handle)
        where TMessage : class
    {
        _handlers.Add(services =>
        {
            services.AddSingleton(new Handler<TMessage, TKey>(otherQueue, handle, ReadsRawJson));
            services.RegisterConsumer<Probe<TMessage, TKey>, ProbeDefinition<TMessage, TKey>>();
        });
        return this;
    }
}
