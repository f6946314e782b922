namespace Maestro.Bus.Messaging;

/// <summary>Observes what is received, and does nothing of itself: override what is of interest.</summary>
public abstract class ReceivingObserver : IReceiveObserver
{
    /// <inheritdoc />
    public virtual Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    /// <inheritdoc />
    public virtual Task PostReceive(ReceiveContext context) => Task.CompletedTask;

    /// <inheritdoc />
    public virtual Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class =>
        Task.CompletedTask;

    /// <inheritdoc />
    public virtual Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class =>
        Task.CompletedTask;

    /// <inheritdoc />
    public virtual Task ReceiveFault(ReceiveContext context, Exception exception) => Task.CompletedTask;
}
