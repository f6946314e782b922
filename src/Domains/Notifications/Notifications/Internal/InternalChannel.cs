namespace MaestroBus.Notifications;

/// <summary>Keeps notifications for people who look at the bus itself.</summary>
sealed class InternalChannel(NotificationInbox inbox, TimeProvider clock) : INotificationChannel
{
    public string Name => "internal";

    public Task<Delivery> Send(SendNotification notification, CancellationToken cancellationToken)
    {
        inbox.Add(notification.TenantId, new InternalNotification(
            notification.NotificationId,
            notification.Recipient,
            notification.Subject,
            notification.Text,
            clock.GetUtcNow(),
            notification.FlowId,
            notification.StepId));
        return Task.FromResult(Delivery.Taken);
    }
}
