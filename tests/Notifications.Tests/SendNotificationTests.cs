namespace MaestroBus.Notifications.Tests;

public sealed class SendNotificationTests
{
    [Fact]
    public async Task An_unknown_channel_fails_for_good_and_names_the_known_ones()
    {
        await using var domain = await Scenario.Start();

        var failed = await domain.Failed(Scenario.To("pigeon", "ada"));

        Assert.Equal("'pigeon' is not a channel. Use one of email, sms, internal.", failed.Reason);
    }

    [Fact]
    public async Task A_channel_is_found_whatever_the_case_of_its_name()
    {
        await using var domain = await Scenario.Start();

        var sent = await domain.Sent(Scenario.To("Internal", "operations"));

        Assert.Equal("Internal", sent.Channel);
    }

    [Fact]
    public async Task The_outcome_belongs_to_the_notifications_tenant()
    {
        await using var domain = await Scenario.Start();

        await domain.Sent(Scenario.To("internal", "operations"));

        Assert.Equal("acme", domain.Bus.Published.Select<NotificationSent>(TestContext.Current.CancellationToken).First().Context.Headers
            .Get<string>(TenantHeader.Name));
    }

    public static TheoryData<SendNotification> Invalid() =>
    [
        Scenario.To("internal", "ops") with { NotificationId = Guid.Empty },
        Scenario.To("internal", "ops") with { TenantId = "not a tenant" },
        Scenario.To("internal", "ops") with { TenantId = null! },
        Scenario.To("internal", "ops") with { Channel = null! },
        Scenario.To("internal", "ops") with { Recipient = null! },
        Scenario.To("internal", "ops") with { Text = null! },
    ];

    [Theory]
    [MemberData(nameof(Invalid), DisableDiscoveryEnumeration = true)]
    public async Task An_incomplete_notification_is_invalid(SendNotification notification)
    {
        await using var domain = await Scenario.Start();

        var thrown = await domain.Thrown(notification);

        Assert.Equal(typeof(InvalidMessageException).FullName, thrown.ExceptionType);
    }

    [Fact]
    public async Task Wrong_settings_are_all_named_and_no_secret_is_shown()
    {
        var exception = await Assert.ThrowsAsync<BusConfigurationException>(() => Scenario.Start(
            ("Email:Host", "mail.example.com"),
            ("Email:Username", "bus"),
            ("Email:Timeout", "1ms"),
            ("Sms:Url", "ftp://sms.example.com"),
            ("Sms:Token", "to\nken"),
            ("Internal:PerTenant", "0")));

        Assert.Equal(
            """
            The bus cannot start: 7 settings are wrong.
              - Bus:Notifications:Email:From is not set. Use the sender's e-mail address, such as bus@example.com.
              - Bus:Notifications:Email: Set Username and Password, or neither.
              - Bus:Notifications:Email:Timeout is '00:00:00.0010000'. Use a duration from 100ms to 5m, such as 15s.
              - Bus:Notifications:Internal:PerTenant is '0'. Use a whole number from 1 to 100000.
              - Bus:Notifications:Sms:Url is 'ftp://sms.example.com/'. Use an address that begins with https:// or http://.
              - Bus:Notifications:Sms:From is not set. Use the sender's phone number or name at the provider.
              - Bus:Notifications:Sms:Token is '(hidden)'. Use the provider's token without spaces and line breaks.
            """.ReplaceLineEndings(),
            exception.Message);
    }
}
