using MassTransit.Clients;
using MassTransit.DependencyInjection;
using MassTransit.Middleware;
using MassTransit.Middleware.Outbox;
using MassTransit.Transports;

namespace Maestro.Bus.Persistence;

/// <summary>
/// A scope's way to publish and send beside a context: everything waits for the context's commit. Requests do not: nobody could answer what
/// is not sent.
/// </summary>
sealed partial class OutboxBusContext<TDbContext> : ScopedBusContext, OutboxSendContext, IOutboxCapture, IDisposable
    where TDbContext : DbContext
{
    readonly TDbContext _context;
    readonly OutboxBuffers _buffers;
    readonly OutboxBuffer _buffer;
    readonly TimeProvider _time;
    readonly IServiceProvider _provider;
    readonly ILogger<OutboxBusContext<TDbContext>> _logger;

    public OutboxBusContext(
        IBus bus, TDbContext context, Bind<IBus, IClientFactory> clients, OutboxBuffers buffers, TimeProvider time,
        IServiceProvider provider,
        ILogger<OutboxBusContext<TDbContext>> logger)
    {
        _context = context;
        _buffers = buffers;
        _buffer = buffers.Of(context);
        _time = time;
        _provider = provider;
        _logger = logger;
        SendEndpointProvider = new OutboxSendEndpointProvider(this, bus);
        PublishEndpointProvider = new OutboxPublishEndpointProvider(this, bus);
        PublishEndpoint = new PublishEndpoint(PublishEndpointProvider);
        ClientFactory = new ScopedClientFactory(new ClientFactory(new ScopedClientFactoryContext(clients.Value, provider)), null);
    }

    public ISendEndpointProvider SendEndpointProvider { get; }

    public IPublishEndpointProvider PublishEndpointProvider { get; }

    public IPublishEndpoint PublishEndpoint { get; }

    public IScopedClientFactory ClientFactory { get; }

    public Task AddSend<T>(SendContext<T> context)
        where T : class
    {
        _buffer.Capture(OutboxMetadata.Write(context, _buffer.OrderingKey, _time));
        return context.TryGetPayload(out ISendCompanion? companion) ? companion.Send(context, this) : Task.CompletedTask;
    }

    public void Capture(WaitingMessage message) => _buffer.Capture(message);

    public object? GetService(Type serviceType) => _provider.GetService(serviceType);

    public void Dispose()
    {
        if (_buffer.Forgotten is > 0 and var forgotten)
            NeverSaved(forgotten, typeof(TDbContext).Name);

        _buffers.Remove(_context);
    }

    [LoggerMessage(20, LogLevel.Warning,
        "{Count} messages were published beside {Context} and never saved, so they are not sent. Call SaveChanges after publishing, even "
            + "if there is nothing else to save")]
    partial void NeverSaved(int count, string context);
}
