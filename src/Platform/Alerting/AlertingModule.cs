namespace MaestroBus.Alerting;

/// <summary>Alerts by webhook and by e-mail, where <c>Bus:Alerts</c> says so.</summary>
public sealed class AlertingModule : BusModule
{
    static readonly TimeSpan WebhookLimit = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public override void AddServices(BusBuilder bus)
    {
        var settings = bus.AddSettings<AlertSettings>(AlertSettings.Section);

        if (settings.Webhook.Url is not null)
        {
            bus.Services.AddHttpClient(WebhookChannel.Client, client => client.Timeout = WebhookLimit);
            bus.Services.AddSingleton<IAlertChannel, WebhookChannel>();
        }

        if (settings.Email.Host is not null)
            bus.Services.AddSingleton<IAlertChannel, EmailChannel>();

        bus.Complete(AddLoop);
    }

    // A host without a database has no groups to tell of.
    static void AddLoop(IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(IDeadLetterAlerts)))
            services.AddHostedService<DeadLetterAlertLoop>();
    }
}
