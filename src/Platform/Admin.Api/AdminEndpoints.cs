namespace Maestro.Bus.Admin.Api;

/// <summary>
/// The HTTP endpoints of one area, such as dead letters or jobs. Each non-abstract class of a module's assembly is found by itself; it
/// needs a constructor without parameters. What it maps needs the role <c>reader</c> and a caller that is not limited to some
/// tenants; <see cref="AccessExtensions.RequireRole"/> asks for a higher role.
/// </summary>
public abstract class AdminEndpoints
{
    /// <summary>Registers the area's commands and queries.</summary>
    public virtual void AddServices(BusBuilder bus)
    {
    }

    /// <summary>Maps the area's endpoints below <c>/admin</c>.</summary>
    public abstract void Map(IEndpointRouteBuilder admin);
}
