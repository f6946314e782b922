using MassTransit.Configuration;
using MassTransit.Context;
using MassTransit.Scheduling;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Carries the messages. Each transport project has exactly one, the host finds it by itself, and <c>Bus:Transport</c> chooses it by name.
/// </summary>
public abstract class BusTransport
{
    /// <summary>The name that <c>Bus:Transport</c> chooses the transport by, in lower case.</summary>
    public abstract string Name { get; }

    /// <summary>The section under <c>Bus</c> that holds the transport's settings; none for a transport without any.</summary>
    public virtual string? Section => null;

    /// <summary>
    /// The type that the transport's settings are read into: while another transport is chosen, the names in its section are checked, and
    /// not the values. Null for a transport without any.
    /// </summary>
    public virtual Type? SettingsType => null;

    /// <summary>What the transport can do, by the settings in force.</summary>
    public abstract TransportCapabilities Capabilities { get; }

    /// <summary>Reads the transport's settings and registers what it needs. Called on the chosen transport only.</summary>
    public virtual void AddServices(BusBuilder bus)
    {
    }

    /// <summary>
    /// Makes the bus run on this transport, has it configured by <paramref name="configure"/>, and configures the registered endpoints.
    /// </summary>
    public abstract void Use(IBusRegistrationConfigurator bus, Action<IBusFactoryConfigurator> configure);

    /// <summary>Applies what is special to the transport to one queue. Concurrency and prefetch are set already.</summary>
    public virtual void ConfigureQueue(IReceiveEndpointConfigurator endpoint, string queue, QueuePolicy policy)
    {
    }

    /// <summary>
    /// What knows which of a queue's messages were in work when a process ended without stopping; null for a transport whose messages end
    /// with the process.
    /// </summary>
    public virtual ISuspects? SuspectsOf(string queue, IServiceProvider services) => null;

    /// <summary>What a message in the dead letters of a queue has beside its body, whole and in the broker's own types.</summary>
    public virtual ReceivedContent ContentOf(ReceiveContext context, string queue)
    {
        var headers = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in context.TransportHeaders.GetAll())
            headers[name] = value;

        return new ReceivedContent(
            headers,
            context.TryGetPayload(out TransportReceiveContext? transport) && transport.GetTransportProperties() is { } properties
                ? properties.ToDictionary(property => property.Key, property => (object?)property.Value, StringComparer.OrdinalIgnoreCase)
                : []);
    }

    /// <summary>
    /// Registers a scheduler that uses the transport's delayed delivery, for a transport without
    /// <see cref="TransportCapabilities.CancelScheduled"/>.
    /// </summary>
    protected void AddDelayScheduler(IBusRegistrationConfigurator bus) =>
        bus.TryAddScoped<IMessageScheduler>(services =>
            new MessageScheduler(new DelayScheduler(
                services.GetRequiredService<ISendEndpointProvider>(), services.GetRequiredService<IBus>(), Name),
                services.GetRequiredService<IBus>().Topology));

    /// <summary>Gives consumers and sagas a scheduler as <see cref="AddDelayScheduler"/> does.</summary>
    protected void UseDelayScheduler(IBusFactoryConfigurator configurator) =>
        configurator.AddPrePipeSpecification(new FilterPipeSpecification<ConsumeContext>(new DelayScheduler.Filter(Name)));
}
