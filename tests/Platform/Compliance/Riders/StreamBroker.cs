namespace Maestro.Bus.Compliance;

/// <summary>A broker of event streams that nobody but one test class uses.</summary>
public abstract class StreamBroker : IAsyncLifetime
{
    /// <summary>Whether readers see nothing of transactions that were given up.</summary>
    public virtual bool HidesAborted => true;

    /// <summary>Whether it finds the record of a time.</summary>
    public virtual bool FindsTimes => true;

    /// <summary>Makes a rider run on it.</summary>
    public abstract void Use(IRiderRegistrationConfigurator rider, Action<IRiderRegistrationContext, IStreamFactoryConfigurator> configure);

    /// <summary>Registers a producer.</summary>
    public abstract void AddProducer<T>(
        IRiderRegistrationConfigurator rider, string topic, Action<IProducerConfigurator<T>>? configure = null)
        where T : class;

    /// <summary>A plug-in beside those of the buses: a foreign program.</summary>
    public abstract IStreamPlugin CreatePlugin();

    /// <summary>The rider of a host.</summary>
    public abstract StreamRider RiderOf(IServiceProvider services);

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
