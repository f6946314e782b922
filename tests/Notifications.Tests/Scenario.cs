using Microsoft.Extensions.Logging;
using MimeKit;

namespace MaestroBus.Notifications.Tests;

/// <summary>Sends notifications through the domain on the harness, and reads what becomes of them.</summary>
static class Scenario
{
    // Without an end to wait for, the harness's lists answer with what they hold already.
    static readonly CancellationToken Now = new(true);

    public static SendNotification To(
        string channel, string recipient, string text = "The invoice is paid.", string? subject = "Invoice") =>
        new(NewId.NextGuid(), "acme", channel, recipient, subject, text, NewId.NextGuid(), "notify");

    public static Task<DomainHarness> Start(params IEnumerable<(string Name, string Value)> settings) => Start(new LogLines(), settings);

    public static Task<DomainHarness> Start(LogLines log, params IEnumerable<(string Name, string Value)> settings) =>
        DomainHarness.Start<NotificationsDomain>(
            settings
                .GroupBy(setting => setting.Name, setting => setting.Value)
                .Select(setting => new KeyValuePair<string, string?>($"Bus:Notifications:{setting.Key}", setting.Last())),
            services =>
            {
                Maestro.Bus.Mail.MailModule.AddServices(services);
                services.AddLogging(logging => logging.AddProvider(log));
            });

    public static Task<DomainHarness> StartEmail(SmtpServer server, params IEnumerable<(string, string)> settings) =>
        Start([("Email:Host", "127.0.0.1"), ("Email:Port", $"{server.Port}"), ("Email:From", "bus@example.org"), .. settings]);

    public static Task<IReadOnlyList<MimeMessage>> Arrived(SmtpServer server, int count) =>
        Eventually.Some<IReadOnlyList<MimeMessage>>(
            () => Task.FromResult(server.Mails() is { } mails && mails.Count >= count ? mails : null),
            TimeSpan.FromMinutes(1),
            $"{count} mails",
            TestContext.Current.CancellationToken);

    public static async Task<NotificationSent> Sent(this DomainHarness domain, SendNotification notification)
    {
        await domain.Bus.Bus.Publish(notification, TestContext.Current.CancellationToken);

        return await domain.First<NotificationSent>(sent => sent.NotificationId == notification.NotificationId);
    }

    public static async Task<NotificationFailed> Failed(this DomainHarness domain, SendNotification notification)
    {
        await domain.Bus.Bus.Publish(notification, TestContext.Current.CancellationToken);

        var failed = await domain.First<NotificationFailed>(failed => failed.NotificationId == notification.NotificationId);
        Assert.Empty(domain.Bus.Published.Select<NotificationSent>(Now));
        return failed;
    }

    /// <summary>The error that has the bus deliver the notification again.</summary>
    public static async Task<ExceptionInfo> Thrown(this DomainHarness domain, SendNotification notification)
    {
        await domain.Bus.Bus.Publish(notification, TestContext.Current.CancellationToken);

        var fault = await domain.First<Fault<SendNotification>>(fault => fault.Message.NotificationId == notification.NotificationId);
        Assert.Empty(domain.Bus.Published.Select<NotificationSent>(Now));
        Assert.Empty(domain.Bus.Published.Select<NotificationFailed>(Now));
        return fault.Exceptions[0];
    }

    static Task<T> First<T>(this DomainHarness domain, Func<T, bool> matches)
        where T : class =>
        Eventually.Some(
            () =>
                Task.FromResult(domain.Bus.Published.Select<T>(Now).Select(published => published.Context.Message).FirstOrDefault(matches)),
            TimeSpan.FromMinutes(1),
            typeof(T).Name,
            TestContext.Current.CancellationToken);
}
