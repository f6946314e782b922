using MassTransit.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Maestro.Bus.Persistence;

/// <summary>Wraps the scheduler that the bus's transport has registered.</summary>
static class OutboxSchedulers
{
    public static void Wrap(IServiceCollection services)
    {
        if (services.LastOrDefault(service =>
            service.ServiceType == typeof(IMessageScheduler) && !service.IsKeyedService) is not { ImplementationFactory: { } create })
            return;

        if (services.FirstOrDefault(service => service.ServiceType == typeof(OutboxScopes))?.ImplementationInstance is OutboxScopes scopes)
            scopes.CollectsCancellations = true;

        services.AddKeyedScoped<IMessageScheduler>(typeof(ScheduleCancellation), (scope, _) => (IMessageScheduler)create(scope));
        services.AddSingleton<IOutboxTransport, ScheduleCancellation>();
        services.Replace(ServiceDescriptor.Scoped(scope => OutboxScheduler.Wrap(
            (IMessageScheduler)create(scope), Capture(scope), scope.GetRequiredService<IBus>())));
    }

    /// <summary>Whether what a scope publishes and sends waits for a commit.</summary>
    public static bool IsCapturing(IServiceProvider scope) => Capture(scope) is not null;

    static IOutboxCapture? Capture(IServiceProvider scope)
    {
        if (scope.GetRequiredService<IScopedConsumeContextProvider>() is { HasContext: true } consumed)
            return consumed.GetContext().TryGetPayload(out IOutboxCapture? capture) ? capture : null;

        return scope.GetRequiredService<IScopedBusContextProvider<IBus>>().Context as IOutboxCapture;
    }
}
