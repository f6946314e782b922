namespace MaestroBus.Riders;

/// <summary>Has what goes along with a message sent before it, where no outbox takes them both: if it cannot be sent, the message is not either.</summary>
sealed class CopyingPublishObserver : IPublishObserver
{
    public Task PrePublish<T>(PublishContext<T> context)
        where T : class =>
        context.TryGetPayload(out ISendCompanion? companion) ? companion.Send(context, null) : Task.CompletedTask;

    public Task PostPublish<T>(PublishContext<T> context)
        where T : class =>
        Task.CompletedTask;

    public Task PublishFault<T>(PublishContext<T> context, Exception exception)
        where T : class =>
        Task.CompletedTask;
}
