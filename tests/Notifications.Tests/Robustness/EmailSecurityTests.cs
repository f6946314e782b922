namespace MaestroBus.Notifications.Tests;

public sealed class EmailSecurityTests : IAsyncLifetime
{
    SmtpServer _server = null!;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await SmtpServer.Start(Token);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("Invoice\r\nBcc: eve@example.com")]
    [InlineData("Invoice\nBcc: eve@example.com")]
    [InlineData("Invoice\rBcc: eve@example.com")]
    [InlineData("Invoice\r\n\r\nAnother body")]
    [InlineData("Rechnung ü\r\nBcc: eve@example.com")]
    public async Task A_subject_cannot_add_headers_or_recipients(string subject)
    {
        await using var domain = await Start();

        await domain.Sent(Scenario.To("email", "ada@example.com", "The body", subject));

        var mail = Assert.Single(_server.Mails());
        Assert.Empty(mail.Bcc);
        Assert.Null(mail.Headers["Bcc"]);
        Assert.Equal("ada@example.com", mail.Headers["X-RcptTo"]);
        Assert.Equal("The body", mail.TextBody!.Trim());
    }

    [Theory]
    [InlineData("Hello\r\n.\r\nMAIL FROM:<eve@example.com>\r\nRCPT TO:<eve@example.com>\r\nDATA\r\nSmuggled\r\n.\r\n")]
    [InlineData("Hello\n.\nMAIL FROM:<eve@example.com>\nRCPT TO:<eve@example.com>\nDATA\nSmuggled\n.\n")]
    [InlineData("Hello\r.\rMAIL FROM:<eve@example.com>\rRCPT TO:<eve@example.com>\rDATA\rSmuggled\r.\r")]
    public async Task A_text_cannot_end_its_mail_and_begin_another(string text)
    {
        await using var domain = await Start();

        await domain.Sent(Scenario.To("email", "ada@example.com", text));
        await domain.Sent(Scenario.To("email", "bob@example.com", "The next one"));

        var mails = await Scenario.Arrived(_server, 2);
        Assert.Equal(["ada@example.com", "bob@example.com"], mails.Select(mail => mail.Headers["X-RcptTo"]).Order());
        Assert.Contains("Smuggled", mails.Single(mail => mail.To.ToString() == "ada@example.com").TextBody);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ada")]
    [InlineData("ada@")]
    [InlineData("ada@example.com, eve@example.com")]
    [InlineData("ada@example.com\r\nBcc: eve@example.com")]
    [InlineData("ada@example.com>\r\nRCPT TO:<eve@example.com")]
    [InlineData("\"ada\r\nDATA\"@example.com")]
    [InlineData("Ada\r\n Lovelace <ada@example.com>")]
    public async Task A_recipient_that_is_no_address_fails_for_good(string recipient)
    {
        await using var domain = await Start();
        var notification = Scenario.To("email", recipient);

        var failed = await domain.Failed(notification);

        Assert.Equal($"The recipient '{recipient}' is not an e-mail address. Use one such as name@example.com.", failed.Reason);
        Assert.Equal((notification.FlowId, "notify"), (failed.FlowId, failed.StepId));
        Assert.Empty(_server.Mails());
    }

    [Fact]
    public async Task The_right_login_is_let_in_when_encryption_is_ruled_out()
    {
        await using var domain = await Start(("Email:Username", "bus"), ("Email:Password", "right"), ("Email:Security", "None"));

        await domain.Sent(Scenario.To("email", "ada@example.com"));

        Assert.Single(_server.Mails());
    }

    [Fact]
    public async Task A_wrong_login_is_tried_again()
    {
        await using var domain = await Start(("Email:Username", "bus"), ("Email:Password", "wrong"), ("Email:Security", "None"));

        var thrown = await domain.Thrown(Scenario.To("email", "ada@example.com"));

        Assert.Equal(typeof(DependencyUnavailableException).FullName, thrown.ExceptionType);
        Assert.Contains("refuses the login", thrown.Message, StringComparison.Ordinal);
        Assert.EndsWith(
            "Set Bus:Notifications:Email:Username and Password to a login that it takes.", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_is_not_sent_to_a_server_that_offers_no_encryption()
    {
        await using var domain = await Start(("Email:Username", "bus"), ("Email:Password", "right"));

        var thrown = await domain.Thrown(Scenario.To("email", "ada@example.com"));

        Assert.Contains("STARTTLS", thrown.Message);
        Assert.Empty(_server.Mails());
    }

    [Fact]
    public async Task A_server_whose_certificate_nobody_trusts_gets_nothing()
    {
        await using var encrypted = await SmtpServer.Start(Token, startTls: true);
        await using var domain = await Start(("Email:Port", $"{encrypted.Port}"));

        var thrown = await domain.Thrown(Scenario.To("email", "ada@example.com"));

        Assert.Equal(typeof(DependencyUnavailableException).FullName, thrown.ExceptionType);
        Assert.Contains("Unknown CA", thrown.Message, StringComparison.Ordinal);
        Assert.Empty(encrypted.Mails());
    }

    Task<DomainHarness> Start(params IEnumerable<(string, string)> settings) => Scenario.StartEmail(_server, settings);
}
