namespace Maestro.Bus.Messaging;

/// <summary>
/// Connects the bus to a system of event streams. A rider is a library named <c>Riders.{name}</c> with exactly one of these. It takes part
/// once its settings are there.
/// </summary>
public abstract class BusRider
{
    /// <summary>The rider's name, in lower case, such as <c>kafka</c>; its health check has it, too.</summary>
    public abstract string Name { get; }

    /// <summary>The section under <c>Bus</c> that holds the rider's settings, and switches it on by being there.</summary>
    public abstract string Section { get; }

    /// <summary>Reads the rider's settings and registers what it needs. Called on a rider that takes part only.</summary>
    public abstract void AddServices(BusBuilder bus);

    /// <summary>Adds the rider to the bus, with endpoints for the topics that the domains declare.</summary>
    public abstract void Use(IBusRegistrationConfigurator bus, RiderParts parts);

    /// <summary>Adds to how messages are published on the bus; called after <see cref="Use"/>.</summary>
    public abstract void ConfigurePublish(IPublishPipeConfigurator publish);
}
