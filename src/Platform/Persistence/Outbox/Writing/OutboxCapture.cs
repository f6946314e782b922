using MassTransit.Middleware;
using MassTransit.Middleware.Outbox;
using MassTransit.Transports;

namespace Maestro.Bus.Persistence;

/// <summary>Publishes into a list instead of to the broker.</summary>
sealed class OutboxCapture : OutboxSendContext
{
    readonly IServiceProvider _services;
    readonly TimeProvider _time;
    readonly Guid _orderingKey = NewId.NextGuid();
    readonly List<WaitingMessage> _messages = [];

    public OutboxCapture(IServiceProvider services, TimeProvider time)
    {
        (_services, _time) = (services, time);
        Endpoint = new PublishEndpoint(new OutboxPublishEndpointProvider(this, services.GetRequiredService<IBus>()));
    }

    public IPublishEndpoint Endpoint { get; }

    public IReadOnlyList<WaitingMessage> Messages => _messages;

    public Task AddSend<T>(SendContext<T> context)
        where T : class
    {
        _messages.Add(OutboxMetadata.Write(context, _orderingKey, _time));
        return Task.CompletedTask;
    }

    public object? GetService(Type serviceType) => _services.GetService(serviceType);
}
