namespace MaestroBus.Notifications;

public sealed class NotificationsDomain : BusDomain
{
    public override string Queue => "notifications";

    public override QueuePolicy Policy => new()
    {
        Priority = QueuePriority.Medium,
        Concurrency = 8,
        MemoryPerWorker = 64,
        Attempts = 5,
        FirstRetryDelay = TimeSpan.FromSeconds(30),
    };

    public override void AddServices(BusBuilder bus)
    {
        var settings = bus.AddSettings<NotificationsSettings>("Notifications");

        bus.AddMailServer(EmailChannel.Section, settings.Email);
        bus.Services.AddSingleton<NotificationInbox>();
        bus.AddSmsClient(settings.Sms);
        bus.Services.AddSingleton<INotificationChannel, EmailChannel>();
        bus.Services.AddSingleton<INotificationChannel, SmsChannel>();
        bus.Services.AddSingleton<INotificationChannel, InternalChannel>();
    }

    public override void MapEndpoints(IEndpointRouteBuilder routes)
    {
        routes.MapNotifications();
        routes.MapBulk();
    }
}
