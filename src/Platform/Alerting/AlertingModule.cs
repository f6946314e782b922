namespace Maestro.Bus.Alerting;

/// <summary>Alerts by webhook and by e-mail, where <c>Bus:Alerts</c> says so.</summary>
public sealed class AlertingModule : BusModule
{
    /// <inheritdoc />
    public override void AddServices(BusBuilder bus)
    {
        var settings = bus.AddSettings<AlertSettings>(AlertSettings.Section);

        if (settings.Webhook.Url is not null)
        {
            bus.AddOutgoingHttpClient(
                WebhookChannel.Client, settings.Webhook.Url, $"{AlertSettings.Section}:Webhook:Tls", settings.Webhook.Tls);
            bus.Services.AddSingleton<IAlertChannel, WebhookChannel>();
        }

        if (settings.Email.Host is not null)
        {
            bus.AddMailServer(EmailChannel.Section, settings.Email);
            bus.Services.AddSingleton<IAlertChannel, EmailChannel>();
        }

        bus.Services.AddSingleton<AlertChannels>();
        bus.Services.AddHostedService<HealthAlertLoop>();
        bus.Complete(AddLoop);
    }

    // A host without a database has no groups to tell of.
    static void AddLoop(IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(IDeadLetterAlerts)))
            services.AddHostedService<DeadLetterAlertLoop>();
    }
}
