using MassTransit.Transports;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Publishes and sends with the next commit of one context of this scope, whatever the scope's own <see cref="IPublishEndpoint"/> does. For
/// code outside a domain's HTTP endpoints, such as background services, and where a scope has several contexts.
/// </summary>
public interface IOutbox<TDbContext> : IPublishEndpoint, ISendEndpointProvider
    where TDbContext : DbContext;

sealed class Outbox<TDbContext>(OutboxBusContext<TDbContext> bus) : PublishEndpoint(bus.PublishEndpointProvider), IOutbox<TDbContext>
    where TDbContext : DbContext
{
    public Task<ISendEndpoint> GetSendEndpoint(Uri address) => bus.SendEndpointProvider.GetSendEndpoint(address);

    ConnectHandle ISendObserverConnector.ConnectSendObserver(ISendObserver observer) =>
        bus.SendEndpointProvider.ConnectSendObserver(observer);
}
