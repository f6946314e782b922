using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Maestro.Bus.Mail;

/// <summary>Sends mails over SMTP, for the domains and modules that have added a mail server.</summary>
public sealed class MailModule : BusModule
{
    /// <inheritdoc />
    public override void AddServices(BusBuilder bus) => AddServices(bus.Services);

    /// <summary>Registers the senders of all mail servers.</summary>
    public static void AddServices(IServiceCollection services)
    {
        services.TryAddSingleton<Outages>();
        services.AddKeyedSingleton<IMailSender>(KeyedService.AnyKey, (provider, section) => new SmtpSender(
            provider.GetRequiredKeyedService<MailServer>(section), provider.GetRequiredService<Outages>(),
            provider.GetRequiredService<TimeProvider>()));
    }
}
