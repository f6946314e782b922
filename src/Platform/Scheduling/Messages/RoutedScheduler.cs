using System.Reflection;
using MassTransit.Scheduling;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Maestro.Bus.Scheduling;

/// <summary>
/// One scheduler for all times: what is due soon waits in the transport, what is due later in the store, and either can be cancelled. It
/// answers for every overload of MassTransit's scheduler, which differ in the time alone.
/// </summary>
class RoutedScheduler : DispatchProxy
{
    IMessageScheduler _near = null!;
    IMessageScheduler _far = null!;
    IServiceProvider _services = null!;

    /// <summary>Makes one.</summary>
    /// <param name="near">The transport's own.</param>
    /// <param name="endpoints">Sends to the scheduler's queue.</param>
    /// <param name="topology">The bus's.</param>
    /// <param name="services">The host's.</param>
    public static IMessageScheduler Create(
        IMessageScheduler near, ISendEndpointProvider endpoints, IBusTopology topology, IServiceProvider services)
    {
        var proxy = Create<IMessageScheduler, RoutedScheduler>();
        var scheduler = (RoutedScheduler)(object)proxy;
        scheduler._near = near;
        var queue = QueueOf(services);
        scheduler._far = new MessageScheduler(new EndpointScheduleMessageProvider(() => endpoints.GetSendEndpoint(queue)), topology);
        scheduler._services = services;
        return proxy;
    }

    /// <summary>Gets where the scheduling messages go.</summary>
    /// <param name="services">The host's.</param>
    public static Uri QueueOf(IServiceProvider services) =>
        new($"queue:{services.GetService<EngineNames>()?.Queue(ScheduleConsumer.Queue) ?? ScheduleConsumer.Queue}");

    /// <summary>Puts one in the place of the scheduler that the transport has registered.</summary>
    public static void Wrap(IServiceCollection services)
    {
        if (services.LastOrDefault(service =>
            service.ServiceType == typeof(IMessageScheduler) && !service.IsKeyedService) is not { ImplementationFactory: { } create })
            return;

        services.Replace(ServiceDescriptor.Scoped(scope => Create(
            (IMessageScheduler)create(scope), scope.GetRequiredService<ISendEndpointProvider>(), scope.GetRequiredService<IBus>().Topology,
            scope)));
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name.StartsWith("Cancel", StringComparison.Ordinal))
            return Cancel(targetMethod, args!, args!.OfType<Guid>().Single(), args!.OfType<CancellationToken>().FirstOrDefault());

        return Call(targetMethod, IsFar(args!.OfType<DateTime>().Single()) ? _far : _near, args!);
    }

    bool IsFar(DateTime scheduled)
    {
        var time = _services.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime;
        var utc = scheduled.Kind == DateTimeKind.Local ? scheduled.ToUniversalTime() : scheduled;
        return utc - time > _services.GetRequiredService<SchedulingSettings>().TransportDelay;
    }

    async Task Cancel(MethodInfo method, object?[] args, Guid token, CancellationToken cancellationToken)
    {
        if (_services.GetRequiredService<BusTransport>().Capabilities.HasFlag(TransportCapabilities.CancelScheduled))
            await (Task)Call(method, _near, args)!;

        await _services.GetRequiredService<IScheduleStore>().Cancel(token, cancellationToken);
    }

    static object? Call(MethodInfo method, IMessageScheduler scheduler, object?[] args) =>
        method.Invoke(scheduler, BindingFlags.DoNotWrapExceptions, null, args, null);
}
