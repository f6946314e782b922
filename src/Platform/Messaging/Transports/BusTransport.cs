namespace MaestroBus.Messaging;

/// <summary>Carries the messages. Each transport project has exactly one, the host finds it by itself, and <c>Bus:Transport</c> chooses it by name.</summary>
public abstract class BusTransport
{
    /// <summary>The name that <c>Bus:Transport</c> chooses the transport by, in lower case.</summary>
    public abstract string Name { get; }

    /// <summary>The section under <c>Bus</c> that holds the transport's settings; none for a transport without any.</summary>
    public virtual string? Section => null;

    /// <summary>Reads the transport's settings and registers what it needs. Called on the chosen transport only.</summary>
    public virtual void AddServices(BusBuilder bus)
    {
    }

    /// <summary>Makes the bus run on this transport, has it configured by <paramref name="configure"/>, and configures the registered endpoints.</summary>
    public abstract void Use(IBusRegistrationConfigurator bus, Action<IBusFactoryConfigurator> configure);

    /// <summary>Applies what is special to the transport to one queue. Concurrency and prefetch are set already.</summary>
    public virtual void ConfigureQueue(IReceiveEndpointConfigurator endpoint, string queue, QueuePolicy policy)
    {
    }

    /// <summary>Has failed messages of one queue delivered again after a delay that holds no consumer slot.</summary>
    public virtual void ConfigureRedelivery(IReceiveEndpointConfigurator endpoint, Action<IRetryConfigurator> retry) =>
        endpoint.UseDelayedRedelivery(retry);
}
