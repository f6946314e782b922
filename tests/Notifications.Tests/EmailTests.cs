using MimeKit;

namespace MaestroBus.Notifications.Tests;

public sealed class EmailTests : IAsyncLifetime
{
    SmtpServer _server = null!;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await SmtpServer.Start(Token);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_mail_arrives_as_it_was_written()
    {
        await using var domain = await Start(("Email:FromName", "Büro"));
        var notification = Scenario.To("email", "ada@example.com", "Grüße aus Köln\n\n— 東京 🎉", "Rechnung über 5 €");

        var sent = await domain.Sent(notification);

        var mail = Assert.Single(_server.Mails());
        Assert.Equal("Rechnung über 5 €", mail.Subject);
        Assert.Equal("Grüße aus Köln\n\n— 東京 🎉", mail.TextBody!.ReplaceLineEndings("\n").TrimEnd());
        Assert.Equal("\"Büro\" <bus@example.org>", mail.From.ToString());
        Assert.Equal("ada@example.com", mail.To.ToString());
        Assert.Equal(new NotificationSent(notification.NotificationId, "acme", "email", "ada@example.com", notification.FlowId, "notify"), sent);
    }

    [Fact]
    public async Task A_mail_sent_again_has_the_same_message_id()
    {
        await using var domain = await Start();
        var notification = Scenario.To("email", "ada@example.com");

        await domain.Sent(notification);
        await domain.Bus.Bus.Publish(notification, Token);
        var mails = await Arrived(2);

        Assert.All(mails, mail => Assert.Equal($"{notification.NotificationId:N}@example.org", mail.MessageId));
        var outcomes = domain.Bus.Published.Select<NotificationSent>(Token).Take(2).Select(sent => sent.Context.MessageId);
        Assert.Single(outcomes.Distinct());
    }

    [Fact]
    public async Task Many_mails_at_one_time_all_arrive()
    {
        await using var domain = await Start();
        var recipients = Enumerable.Range(1, 60).Select(number => $"user{number}@example.com").ToList();

        await Task.WhenAll(recipients.Select(recipient => domain.Bus.Bus.Publish(Scenario.To("email", recipient, $"For {recipient}"), Token)));
        var mails = await Arrived(recipients.Count);

        Assert.Equal(recipients.Order(), mails.Select(mail => mail.To.ToString()).Order());
        Assert.All(mails, mail => Assert.Equal($"For {mail.To}", mail.TextBody!.Trim()));
    }

    [Fact]
    public async Task Mails_one_after_another_share_a_connection()
    {
        await using var domain = await Start();

        await domain.Sent(Scenario.To("email", "ada@example.com"));
        await domain.Sent(Scenario.To("email", "bob@example.com"));
        await domain.Sent(Scenario.To("email", "cyd@example.com"));

        Assert.Single((await Arrived(3)).Select(mail => mail.Headers["X-Peer"]).Distinct());
    }

    [Fact]
    public async Task A_server_that_was_restarted_is_connected_to_again()
    {
        await using var domain = await Start();
        await domain.Sent(Scenario.To("email", "ada@example.com"));
        var port = _server.Port;
        await _server.DisposeAsync();
        _server = await SmtpServer.Start(Token, port);

        await domain.Sent(Scenario.To("email", "bob@example.com"));

        Assert.Equal("bob@example.com", Assert.Single(_server.Mails()).To.ToString());
    }

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

        var mails = await Arrived(2);
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
    public async Task A_recipient_that_the_server_refuses_fails_for_good()
    {
        await using var domain = await Start();

        var failed = await domain.Failed(Scenario.To("email", "refused@example.com"));

        Assert.Equal(
            "The mail server has refused the mail to 'refused@example.com': 5.1.1 No such mailbox. Correct what it names, and send the notification again.", failed.Reason);
    }

    [Fact]
    public async Task A_recipient_that_the_server_puts_off_is_tried_again()
    {
        await using var domain = await Start();

        var thrown = await domain.Thrown(Scenario.To("email", "busy@example.com"));

        Assert.Contains("Try again later", thrown.Message);
    }

    [Fact]
    public async Task A_refused_recipient_does_not_disturb_the_mails_after_it()
    {
        await using var domain = await Start();
        await domain.Failed(Scenario.To("email", "refused@example.com"));

        await domain.Sent(Scenario.To("email", "ada@example.com"));

        Assert.Equal("ada@example.com", Assert.Single(_server.Mails()).Headers["X-RcptTo"]);
    }

    [Fact]
    public async Task Without_a_host_the_channel_is_off_and_says_how_to_switch_it_on()
    {
        await using var domain = await Scenario.Start();

        var failed = await domain.Failed(Scenario.To("email", "ada@example.com"));

        Assert.Equal("The channel 'email' is off. Set Bus:Notifications:Email:Host to the mail server's name.", failed.Reason);
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

        Assert.Equal("MailKit.Security.AuthenticationException", thrown.ExceptionType);
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

        Assert.Equal("MailKit.Security.SslHandshakeException", thrown.ExceptionType);
        Assert.Empty(encrypted.Mails());
    }

    [Fact]
    public async Task A_server_that_is_down_is_tried_again()
    {
        await using var domain = await Start(("Email:Port", $"{Ports.Free()}"));

        var thrown = await domain.Thrown(Scenario.To("email", "ada@example.com"));

        Assert.Equal("System.Net.Sockets.SocketException", thrown.ExceptionType);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up_after_the_timeout()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var port = ((System.Net.IPEndPoint)silent.LocalEndpoint).Port;
        await using var domain = await Start(("Email:Port", $"{port}"), ("Email:Timeout", "300ms"));

        var thrown = await domain.Thrown(Scenario.To("email", "ada@example.com"));

        Assert.Equal(
            $"The mail server 127.0.0.1:{port} has not taken the mail within 0.3 s. Check that it is up, or raise Bus:Notifications:Email:Timeout.", thrown.Message);
    }

    Task<DomainHarness> Start(params (string, string)[] settings) =>
        Scenario.Start([("Email:Host", "127.0.0.1"), ("Email:Port", $"{_server.Port}"), ("Email:From", "bus@example.org"), .. settings]);

    Task<IReadOnlyList<MimeMessage>> Arrived(int count) =>
        Eventually.Some<IReadOnlyList<MimeMessage>>(
            () => Task.FromResult(_server.Mails() is { } mails && mails.Count >= count ? mails : null), TimeSpan.FromSeconds(20), $"{count} mails", Token);
}
