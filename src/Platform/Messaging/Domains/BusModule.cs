namespace Maestro.Bus.Messaging;

/// <summary>
/// A part of the host that is neither a domain nor a transport, such as the jobs or the administration. Each module of the engine that the
/// host's project file names may have some, and the host finds them by itself.
/// </summary>
public abstract class BusModule
{
    /// <summary>Registers what the module needs, and reads its settings. The domains have added theirs.</summary>
    public virtual void AddServices(BusBuilder bus)
    {
    }

    /// <summary>Maps the module's HTTP endpoints.</summary>
    public virtual void MapEndpoints(IEndpointRouteBuilder routes)
    {
    }
}
