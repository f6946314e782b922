using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace MaestroBus.Notifications.Tests;

public sealed class SmsTests
{
    const string Recipient = "+4915112345678";

    [Fact]
    public async Task A_text_message_is_posted_with_the_token_and_a_key_that_repeats()
    {
        await using var provider = await SmsProvider.Answering(202, """{ "id": "1" }""");
        await using var domain = await Start(provider, ("Sms:Token", "secret-token"));
        var notification = Scenario.To("sms", Recipient, "Grüße \"aus\" Köln");

        var sent = await domain.Sent(notification);

        var request = Assert.Single(provider.Requests);
        var body = JsonSerializer.Deserialize<Dictionary<string, string>>(request.Body)!;
        Assert.Equal(["from", "reference", "text", "to"], body.Keys.Order());
        Assert.Equal((Recipient, "Bus", "Grüße \"aus\" Köln", $"{notification.NotificationId}"),
            (body["to"], body["from"], body["text"], body["reference"]));
        Assert.Equal("Bearer secret-token", request.Authorization);
        Assert.Equal($"{notification.NotificationId}", request.IdempotencyKey);
        Assert.Equal((notification.FlowId, "notify"), (sent.FlowId, sent.StepId));
    }

    [Theory]
    [InlineData(400, "Correct what it names, and send the notification again.")]
    [InlineData(401, "Set Bus:Notifications:Sms:Token to a token that may send.")]
    [InlineData(422, "Correct what it names, and send the notification again.")]
    public async Task A_refusal_fails_for_good_and_says_what_to_do(int status, string remedy)
    {
        await using var provider = await SmsProvider.Answering(status, "not\r\nlike this");
        await using var domain = await Start(provider);

        var failed = await domain.Failed(Scenario.To("sms", Recipient));

        Assert.Equal($"The SMS provider has answered with {status}: not like this. {remedy}", failed.Reason);
        Assert.Single(provider.Requests);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task An_error_that_may_pass_is_tried_again(int status)
    {
        await using var provider = await SmsProvider.Answering(status);
        await using var domain = await Start(provider);

        var thrown = await domain.Thrown(Scenario.To("sms", Recipient));

        Assert.Equal($"The SMS provider has answered with {status}.", thrown.Message);
    }

    [Fact]
    public async Task A_post_carries_its_length_and_a_token_that_the_answer_repeats_is_masked()
    {
        await using var provider = await SmsProvider.Start(context =>
        {
            context.Response.StatusCode = 400;
            return context.Response.WriteAsync(
                $"{context.Request.Headers.Authorization} of {context.Request.ContentLength} bytes" + new string('x', 1_000),
                context.RequestAborted);
        });
        await using var domain = await Start(provider, ("Sms:Token", "a-secret-token"));

        var failed = await domain.Failed(Scenario.To("sms", Recipient, "Hello"));

        var length = Assert.Single(provider.Requests).Body.Length;
        Assert.StartsWith(
            $"The SMS provider has answered with 400: Bearer *** of {length} bytesxxx", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_is_not_taken_for_success()
    {
        await using var provider = await SmsProvider.Start(context =>
        {
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        });
        await using var domain = await Start(provider);

        var thrown = await domain.Thrown(Scenario.To("sms", Recipient));

        Assert.Equal(
            "The SMS provider has answered with 302. Set Bus:Notifications:Sms:Url to the address that answers itself.", thrown.Message);
    }

    [Fact]
    public async Task A_provider_that_does_not_answer_is_given_up_after_the_timeout()
    {
        await using var provider = await SmsProvider.Start(Never);
        await using var domain = await Start(provider, ("Sms:Timeout", "300ms"));

        var thrown = await domain.Thrown(Scenario.To("sms", Recipient));

        Assert.Equal(
            "The SMS provider has not answered within 0.3 s. Check that it is up, or raise Bus:Notifications:Sms:Timeout.", thrown.Message);
    }

    [Fact]
    public async Task A_refusal_whose_body_never_ends_is_given_up_after_the_timeout()
    {
        await using var provider = await SmsProvider.Start(async context =>
        {
            context.Response.StatusCode = 400;
            await context.Response.WriteAsync("because", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Never(context);
        });
        await using var domain = await Start(provider, ("Sms:Timeout", "300ms"));

        var thrown = await domain.Thrown(Scenario.To("sms", Recipient));

        Assert.Equal(typeof(DependencyUnavailableException).FullName, thrown.ExceptionType);
    }

    [Fact]
    public async Task As_much_of_a_refusal_is_read_as_is_set()
    {
        await using var provider = await SmsProvider.Answering(400, new string('a', 100) + "beyond");
        await using var domain = await Start(provider, ("Sms:MaxResponseSize", "100"));

        var failed = await domain.Failed(Scenario.To("sms", Recipient));

        Assert.DoesNotContain("beyond", failed.Reason, StringComparison.Ordinal);
        Assert.Contains(new string('a', 100), failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_is_down_is_tried_again()
    {
        await using var domain = await Scenario.Start(("Sms:Url", $"http://127.0.0.1:{Ports.Free()}/"), ("Sms:From", "Bus"));

        var thrown = await domain.Thrown(Scenario.To("sms", Recipient));

        Assert.Equal(typeof(DependencyUnavailableException).FullName, thrown.ExceptionType);
    }

    [Theory]
    [InlineData("015112345678")]
    [InlineData("+015112345678")]
    [InlineData("+49 151 12345678")]
    [InlineData("+4915112345678\n")]
    [InlineData("+1234567890123456")]
    [InlineData("ada@example.com")]
    public async Task A_recipient_that_is_no_number_fails_for_good(string recipient)
    {
        await using var provider = await SmsProvider.Answering(200);
        await using var domain = await Start(provider);

        var failed = await domain.Failed(Scenario.To("sms", recipient));

        Assert.Equal($"The recipient '{recipient}' is not a phone number in E.164 form. Use one such as +4915112345678.", failed.Reason);
        Assert.Empty(provider.Requests);
    }

    [Fact]
    public async Task A_text_may_have_1600_characters_and_no_more()
    {
        await using var provider = await SmsProvider.Answering(200);
        await using var domain = await Start(provider);

        var failed = await domain.Failed(Scenario.To("sms", Recipient, new string('x', 1601)));
        await domain.Sent(Scenario.To("sms", Recipient, new string('x', 1600)));

        Assert.Equal("The text has 1601 characters. Use 1 to 1600.", failed.Reason);
        Assert.Single(provider.Requests);
    }

    [Fact]
    public async Task Without_an_address_the_channel_is_off_and_says_how_to_switch_it_on()
    {
        await using var domain = await Scenario.Start();

        var failed = await domain.Failed(Scenario.To("sms", Recipient));

        Assert.Equal("The channel 'sms' is off. Set Bus:Notifications:Sms:Url to the provider's address.", failed.Reason);
    }

    static Task Never(HttpContext context) => new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);

    static Task<DomainHarness> Start(SmsProvider provider, params (string, string)[] settings) =>
        Scenario.Start([("Sms:Url", provider.Url), ("Sms:From", "Bus"), .. settings]);
}
