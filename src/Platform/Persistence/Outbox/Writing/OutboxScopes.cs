using Microsoft.AspNetCore.Http;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Which context's outbox a scope publishes into: the one that was chosen for the whole bus, or else the context of the domain whose HTTP
/// endpoint the scope answers. All other scopes, and the endpoints of domains without a database, publish directly.
/// </summary>
sealed class OutboxScopes
{
    readonly Dictionary<Type, Func<IServiceProvider, MassTransit.DependencyInjection.ScopedBusContext>> _domains = [];
    Func<IServiceProvider, MassTransit.DependencyInjection.ScopedBusContext>? _all;
    Type? _chosen;

    /// <summary>Gets or sets whether the bus's scheduler cancels directly, so that its cancellations are collected.</summary>
    public bool CollectsCancellations { get; set; }

    /// <exception cref="ConfigurationException">Another context has been chosen already.</exception>
    public void UseForAll<TDbContext>()
        where TDbContext : DbContext
    {
        if (_chosen is not null && _chosen != typeof(TDbContext))
            throw new ConfigurationException(
                $"UseBusOutbox names both {_chosen.Name} and {typeof(TDbContext).Name}. Call it for one of them, and take "
                    + $"IOutbox<{typeof(TDbContext).Name}> where the other's outbox is meant.");

        _chosen = typeof(TDbContext);
        _all = Resolve<TDbContext>;
    }

    public void UseForDomain<TDbContext>(BusDomain domain)
        where TDbContext : DbContext =>
        _domains[domain.GetType()] = Resolve<TDbContext>;

    public MassTransit.DependencyInjection.ScopedBusContext? Of(IServiceProvider scope, IHttpContextAccessor? http)
    {
        if (_all is not null)
            return _all(scope);

        // A scope that is opened within a request is not the request's own, and has contexts of its own.
        if (http?.HttpContext is not { } request || !ReferenceEquals(request.RequestServices, scope))
            return null;

        return request.GetEndpoint()?.Metadata.GetMetadata<BusDomain>() is { } domain
            && _domains.TryGetValue(domain.GetType(), out var resolve)
            ? resolve(scope)
            : null;
    }

    static MassTransit.DependencyInjection.ScopedBusContext Resolve<TDbContext>(IServiceProvider scope)
        where TDbContext : DbContext =>
        scope.GetRequiredService<OutboxBusContext<TDbContext>>();
}
