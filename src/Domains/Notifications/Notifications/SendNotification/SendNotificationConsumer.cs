namespace MaestroBus.Notifications;

public sealed partial class SendNotificationConsumer(
    IEnumerable<INotificationChannel> channels, NotificationsSettings settings, ILogger<SendNotificationConsumer> logger)
    : IConsumer<SendNotification>
{
    public async Task Consume(ConsumeContext<SendNotification> context)
    {
        var notification = context.Message;
        Validate(notification);
        settings.Limits.Check([notification.Recipient], notification.Subject, notification.Text);

        var channel = channels.FirstOrDefault(channel => channel.Name.Equals(notification.Channel, StringComparison.OrdinalIgnoreCase));
        var delivery = channel is null
            ? Delivery.Refused(
                $"'{notification.Channel}' is not a channel. Use one of {string.Join(", ", channels.Select(known => known.Name))}.")
            : await Send(channel, context);

        if (delivery.Refusal is { } reason)
        {
            LogRefused(notification.NotificationId, notification.Channel, reason);
            await Publish(context, new NotificationFailed(
                notification.NotificationId, notification.TenantId, notification.Channel, notification.Recipient, reason,
                notification.FlowId, notification.StepId));
        }
        else
        {
            await Publish(context, new NotificationSent(
                notification.NotificationId, notification.TenantId, notification.Channel, notification.Recipient, notification.FlowId,
                notification.StepId));
        }
    }

    // A mail server that is down holds up no text message.
    static async Task<Delivery> Send(INotificationChannel channel, ConsumeContext<SendNotification> context)
    {
        context.Needs(channel.Name);

        try
        {
            return await channel.Send(context.Message, context.CancellationToken);
        }
        catch (DependencyUnavailableException exception)
        {
            exception.Dependency ??= channel.Name;
            throw;
        }
    }

    static void Validate(SendNotification notification)
    {
        if (notification.NotificationId == Guid.Empty)
            throw new InvalidMessageException("SendNotification has no NotificationId. Give each notification an id of its own.");

        if (!TenantHeader.IsValid(notification.TenantId))
            throw new InvalidMessageException(
                $"SendNotification {notification.NotificationId} has no valid TenantId: '{notification.TenantId}'. Name the tenant it "
                    + "is sent for.");

        if (notification is { Channel: null } or { Recipient: null } or { Text: null })
            throw new InvalidMessageException(
                $"SendNotification {notification.NotificationId} lacks its Channel, Recipient or Text. Set all three.");
    }

    // The outcome's message id follows from the notification, so that a second delivery announces nothing that looks new.
    static Task Publish<T>(ConsumeContext<SendNotification> context, T outcome)
        where T : class =>
        context.Publish(outcome, publish =>
        {
            publish.MessageId = DeterministicId.Of($"{typeof(T).Name}:{context.Message.TenantId}:{context.Message.NotificationId}");
            publish.SetTenantId(context.Message.TenantId);
        });

    [LoggerMessage(1, LogLevel.Warning, "Notification {NotificationId} cannot be sent by {Channel}: {Reason}")]
    partial void LogRefused(Guid notificationId, string channel, string reason);
}
