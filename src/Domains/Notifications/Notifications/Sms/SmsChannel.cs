using System.Net;
using System.Text.RegularExpressions;

namespace MaestroBus.Notifications;

/// <summary>Posts text messages to an HTTP provider.</summary>
sealed partial class SmsChannel(NotificationsSettings settings, IHttpClientFactory clients, TimeProvider clock) : INotificationChannel
{
    const int LongestText = 1600;

    readonly SmsSettings _settings = settings.Sms;
    readonly SecretMask _mask = SecretMask.Of([settings.Sms.Token]);

    public string Name => "sms";

    public async Task<Delivery> Send(SendNotification notification, CancellationToken cancellationToken)
    {
        if (_settings.Url is null)
            return Delivery.Refused("The channel 'sms' is off. Set Bus:Notifications:Sms:Url to the provider's address.");

        if (!E164().IsMatch(notification.Recipient))
            return Delivery.Refused(
                $"The recipient '{notification.Recipient}' is not a phone number in E.164 form. Use one such as +4915112345678.");

        if (notification.Text.Length is 0 or > LongestText)
            return Delivery.Refused($"The text has {notification.Text.Length} characters. Use 1 to {LongestText}.");

        using var request = new HttpRequestMessage(HttpMethod.Post, _settings.Url);
        request.Content = OutgoingHttp.Json(
            new SmsRequest(notification.Recipient, _settings.From!, notification.Text, notification.NotificationId));
        request.Headers.Add("Idempotency-Key", notification.NotificationId.ToString());

        using var timeout = new CancellationTokenSource(_settings.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);

        try
        {
            return await Post(request, either.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException { StatusCode: null } or IOException)
        {
            throw new DependencyUnavailableException($"The SMS provider could not be reached: {OutgoingHttp.Reason(exception)}", exception);
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new DependencyUnavailableException(
                $"The SMS provider has not answered within {_settings.Timeout.TotalSeconds:0.#} s. Check that it is up, or raise "
                    + "Bus:Notifications:Sms:Timeout.", exception);
        }
    }

    async Task<Delivery> Post(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(SmsClient.Name);

        // An accepted message is accepted whatever the answer's body says, so that it is not waited for.
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

        if (response.IsSuccessStatusCode)
            return Delivery.Taken;

        var answer = await HttpAnswer.Read(response, _settings.MaxResponseSize, _mask, clock, cancellationToken);
        var told = answer.Excerpt() is { Length: > 0 } excerpt
            ? $"The SMS provider has answered with {(int)answer.Status}: {excerpt.TrimEnd('.')}."
            : $"The SMS provider has answered with {(int)answer.Status}.";

        if (answer.IsTransient)
            throw new DependencyUnavailableException(told) { RetryAfter = answer.RetryAfter };

        // A redirect is the set-up's fault, and may be put right before the last attempt.
        return answer.IsRedirect
            ? throw new HttpRequestException(
                $"{told} Set Bus:Notifications:Sms:Url to the address that answers itself.", null, answer.Status)
            : Delivery.Refused($"{told} {Remedy(answer.Status)}");
    }

    static string Remedy(HttpStatusCode status) => status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
        ? "Set Bus:Notifications:Sms:Token to a token that may send."
        : "Correct what it names, and send the notification again.";

    [GeneratedRegex(@"\A\+[1-9][0-9]{1,14}\z")]
    private static partial Regex E164();

    sealed record SmsRequest(string To, string From, string Text, Guid Reference);
}
