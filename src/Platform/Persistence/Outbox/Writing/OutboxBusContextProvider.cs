using MassTransit.DependencyInjection;
using Microsoft.AspNetCore.Http;

namespace Maestro.Bus.Persistence;

/// <summary>Decides how a scope publishes: through the message it consumes, through an outbox, or directly.</summary>
sealed class OutboxBusContextProvider(
    IBus bus,
    Bind<IBus, IClientFactory> clients,
    Bind<IBus, IScopedConsumeContextProvider> consumeContexts,
    IScopedConsumeContextProvider anyConsumeContexts,
    OutboxScopes scopes,
    IServiceProvider provider) : IScopedBusContextProvider<IBus>
{
    public ScopedBusContext Context { get; } =
        consumeContexts.Value.HasContext ? new ConsumeContextScopedBusContext(consumeContexts.Value.GetContext(), clients.Value)
        : anyConsumeContexts.HasContext
            ? new ConsumeContextScopedBusContext<IBus>(bus, anyConsumeContexts.GetContext(), clients.Value, provider)
        : scopes.Of(provider, provider.GetService<IHttpContextAccessor>()) ?? new BusScopedBusContext<IBus>(bus, clients.Value, provider);
}
