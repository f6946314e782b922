using Microsoft.Extensions.Logging;

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
        Assert.Equal(
            new NotificationSent(notification.NotificationId, "acme", "email", "ada@example.com", notification.FlowId, "notify"), sent);
    }

    [Fact]
    public async Task A_mail_sent_again_has_the_same_message_id()
    {
        await using var domain = await Start();
        var notification = Scenario.To("email", "ada@example.com");

        await domain.Sent(notification);
        await domain.Bus.Bus.Publish(notification, Token);
        var mails = await Scenario.Arrived(_server, 2);

        Assert.All(mails, mail => Assert.Equal($"{notification.NotificationId:N}@example.org", mail.MessageId));
        var outcomes = domain.Bus.Published.Select<NotificationSent>(Token).Take(2).Select(sent => sent.Context.MessageId);
        Assert.Single(outcomes.Distinct());
    }

    [Fact]
    public async Task Many_mails_at_one_time_all_arrive()
    {
        await using var domain = await Start();
        var recipients = Enumerable.Range(1, 60).Select(number => $"user{number}@example.com").ToList();

        await Task.WhenAll(
            recipients.Select(recipient => domain.Bus.Bus.Publish(Scenario.To("email", recipient, $"For {recipient}"), Token)));
        var mails = await Scenario.Arrived(_server, recipients.Count);

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

        Assert.Single((await Scenario.Arrived(_server, 3)).Select(mail => mail.Headers["X-Peer"]).Distinct());
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

    [Fact]
    public async Task A_server_that_is_away_and_comes_back_is_told_of_in_a_line_each()
    {
        var (port, log) = (_server.Port, new LogLines());
        await _server.DisposeAsync();
        await using var domain = await Scenario.Start(
            log, ("Email:Host", "127.0.0.1"), ("Email:Port", $"{port}"), ("Email:From", "bus@example.org"));

        await domain.Thrown(Scenario.To("email", "ada@example.com"));
        await domain.Thrown(Scenario.To("email", "bob@example.com"));
        _server = await SmtpServer.Start(Token, port);
        await domain.Sent(Scenario.To("email", "cyd@example.com"));
        await domain.Sent(Scenario.To("email", "dan@example.com"));

        var lines = log.Entries.Where(entry => entry.Properties.GetValueOrDefault("Dependency") is string server
            && server == $"The mail server 127.0.0.1:{port}").ToList();
        Assert.Equal([(LogLevel.Warning, 90), (LogLevel.Information, 92)], lines.Select(line => (line.Level, line.Id)));
        Assert.Contains("refused", (string)lines[0].Properties["Reason"]!, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_recipient_that_the_server_refuses_fails_for_good()
    {
        await using var domain = await Start();

        var failed = await domain.Failed(Scenario.To("email", "refused@example.com"));

        Assert.Equal(
            "The mail server has refused the mail to 'refused@example.com': 5.1.1 No such mailbox. Correct what it names, and send the "
                + "notification again.", failed.Reason);
    }

    [Fact]
    public async Task A_recipient_that_the_server_puts_off_is_tried_again()
    {
        await using var domain = await Start();

        var thrown = await domain.Thrown(Scenario.To("email", "busy@example.com"));

        // The server can be used by others: it is not away.
        Assert.Equal(typeof(MailDeferredException).FullName, thrown.ExceptionType);
        Assert.Equal("The mail server has put off the mail to 'busy@example.com': 4.3.0 Try again later.", thrown.Message);
    }

    [Fact]
    public async Task A_server_that_closes_while_it_is_asked_for_a_recipient_is_away()
    {
        await using var domain = await Start();

        var thrown = await domain.Thrown(Scenario.To("email", "closing@example.com"));

        Assert.Equal(typeof(DependencyUnavailableException).FullName, thrown.ExceptionType);
        Assert.EndsWith("cannot take the mail now: 4.3.2 Closing.", thrown.Message, StringComparison.Ordinal);
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
    public async Task A_server_that_is_down_is_tried_again()
    {
        await using var domain = await Start(("Email:Port", $"{Ports.Free()}"));

        var thrown = await domain.Thrown(Scenario.To("email", "ada@example.com"));

        Assert.Equal(typeof(DependencyUnavailableException).FullName, thrown.ExceptionType);
        Assert.Contains("could not be reached: ", thrown.Message, StringComparison.Ordinal);
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
            $"The mail server 127.0.0.1:{port} has not taken the mail within 0.3 s. Check that it is up, or raise "
                + "Bus:Notifications:Email:Timeout.", thrown.Message);
    }

    [Theory]
    [InlineData("421 4.3.2 Too many connections", "cannot take the mail now: 4.3.2 Too many connections")]
    [InlineData("450 4.7.1 Come back later", "cannot take the mail now: 4.7.1 Come back later")]
    public async Task A_server_that_refuses_connections_for_now_is_away_and_tried_again(string greeting, string reason)
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var greeted = Task.Run(async () =>
        {
            var client = await listener.AcceptTcpClientAsync(Token);
            await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes($"{greeting}\r\n"), Token);
            return client;
        }, Token);
        await using var domain = await Start(("Email:Port", $"{((System.Net.IPEndPoint)listener.LocalEndpoint).Port}"));

        var thrown = await domain.Thrown(Scenario.To("email", "ada@example.com"));

        Assert.Equal(typeof(DependencyUnavailableException).FullName, thrown.ExceptionType);
        Assert.Contains(reason, thrown.Message, StringComparison.Ordinal);
        (await greeted).Dispose();
    }

    Task<DomainHarness> Start(params IEnumerable<(string, string)> settings) => Scenario.StartEmail(_server, settings);
}
