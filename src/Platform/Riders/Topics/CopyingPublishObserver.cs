namespace Maestro.Bus.Riders;

/// <summary>
/// Has what goes along with a message sent before it, where no outbox takes them both: if it cannot be sent, the message is not either.
/// </summary>
sealed class CopyingPublishObserver : SendingObserver
{
    public override Task PrePublish<T>(PublishContext<T> context) =>
        context.TryGetPayload(out ISendCompanion? companion) ? companion.Send(context, null) : Task.CompletedTask;
}
