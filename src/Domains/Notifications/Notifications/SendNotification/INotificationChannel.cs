namespace MaestroBus.Notifications;

/// <summary>A way to tell somebody something. Register another one as a service, and notifications can name it.</summary>
public interface INotificationChannel
{
    /// <summary>The name that <see cref="SendNotification.Channel"/> chooses the channel by.</summary>
    string Name { get; }

    /// <summary>Sends a notification. Throws where trying again later may help; the bus then delivers the message again.</summary>
    Task<Delivery> Send(SendNotification notification, CancellationToken cancellationToken);
}
