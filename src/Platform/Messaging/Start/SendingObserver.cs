namespace Maestro.Bus.Messaging;

/// <summary>Observes what is sent and published, and does nothing of itself: override what is of interest.</summary>
public abstract class SendingObserver : ISendObserver, IPublishObserver
{
    /// <inheritdoc />
    public virtual Task PreSend<T>(SendContext<T> context)
        where T : class =>
        Task.CompletedTask;

    /// <inheritdoc />
    public virtual Task PostSend<T>(SendContext<T> context)
        where T : class =>
        Task.CompletedTask;

    /// <inheritdoc />
    public virtual Task SendFault<T>(SendContext<T> context, Exception exception)
        where T : class =>
        Task.CompletedTask;

    /// <inheritdoc />
    public virtual Task PrePublish<T>(PublishContext<T> context)
        where T : class =>
        Task.CompletedTask;

    /// <inheritdoc />
    public virtual Task PostPublish<T>(PublishContext<T> context)
        where T : class =>
        Task.CompletedTask;

    /// <inheritdoc />
    public virtual Task PublishFault<T>(PublishContext<T> context, Exception exception)
        where T : class =>
        Task.CompletedTask;
}
