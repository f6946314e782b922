using System.Reflection;

namespace Maestro.Bus.Persistence;

/// <summary>
/// A scope's message scheduler whose cancellations wait for the commit, like the messages it schedules. It answers for every overload of
/// MassTransit's scheduler, of which only those that cancel differ.
/// </summary>
class OutboxScheduler : DispatchProxy
{
    IMessageScheduler _inner = null!;
    IOutboxCapture _capture = null!;
    IBus _bus = null!;

    /// <summary>Wraps a scheduler whose messages go through an outbox; any other one is left as it is.</summary>
    public static IMessageScheduler Wrap(IMessageScheduler inner, IOutboxCapture? capture, IBus bus)
    {
        if (capture is null)
            return inner;

        var proxy = Create<IMessageScheduler, OutboxScheduler>();
        var scheduler = (OutboxScheduler)(object)proxy;
        (scheduler._inner, scheduler._capture, scheduler._bus) = (inner, capture, bus);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (!targetMethod!.Name.StartsWith("Cancel", StringComparison.Ordinal))
            return targetMethod.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);

        var token = args!.OfType<Guid>().Single();
        var type = targetMethod.IsGenericMethod ? targetMethod.GetGenericArguments()[0] : args!.OfType<Type>().SingleOrDefault();
        var destination = args!.OfType<Uri>().SingleOrDefault()
            ?? (type is not null && _bus.Topology.TryGetPublishAddress(type, out var address) ? address : null)
            ?? throw new ArgumentException(
                $"The address that the message {token} was scheduled for is not known. Name it, or the message's type.");

        _capture.Capture(ScheduleCancellation.Of(destination, token));
        return Task.CompletedTask;
    }
}
