namespace Maestro.Bus.Messaging;

/// <summary>
/// A bounded context of the bus with its one queue. Each domain project has exactly one, and the host finds it by itself.
/// </summary>
public abstract class BusDomain
{
    /// <summary>The domain's name: the type's name without the <c>Domain</c> suffix.</summary>
    public string Name =>
        GetType().Name.EndsWith("Domain", StringComparison.Ordinal) ? GetType().Name[..^"Domain".Length] : GetType().Name;

    /// <summary>
    /// The queue that all the domain's consumers and sagas share, unless a definition names another one. The default is the domain's name
    /// in kebab case.
    /// </summary>
    public virtual string Queue => KebabCaseEndpointNameFormatter.Instance.SanitizeName(Name);

    /// <summary>The queue's policy; <c>Bus:Queues:{queue}</c> in configuration is laid over it.</summary>
    public virtual QueuePolicy Policy => new();

    /// <summary>Registers what the domain's consumers and sagas need, and reads the domain's settings.</summary>
    public virtual void AddServices(BusBuilder bus)
    {
    }

    /// <summary>Maps the domain's HTTP endpoints.</summary>
    public virtual void MapEndpoints(IEndpointRouteBuilder routes)
    {
    }
}
