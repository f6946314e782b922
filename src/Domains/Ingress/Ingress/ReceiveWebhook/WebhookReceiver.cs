using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MaestroBus.Ingress;

/// <summary>Checks a webhook, from what costs least to what costs most, and publishes it.</summary>
sealed partial class WebhookReceiver(
    WebhookProviders providers, WebhookPublisher publisher, IngressSettings settings, TimeProvider time, ILogger<WebhookReceiver> logger)
{
    const string RetryAfterSeconds = "10";

    readonly ConcurrentDictionary<(string Provider, int Status), LineAMinute> _refusals = [];

    public async Task<IResult> Receive(string providerName, HttpContext context)
    {
        if (providers.Find(providerName) is not { } provider)
            return WebhookProblems.UnknownProvider();

        try
        {
            var (webhook, eventId, problem) = await Read(provider, context);
            if (webhook is null)
                return Refuse(provider, problem!);

            var messageId = DeterministicId.Of("webhook", webhook.TenantId, provider.Name, eventId);

            if (await publisher.TryPublish(webhook, messageId))
            {
                var journey = $"/journeys/{messageId}";
                return TypedResults.Accepted(journey, new WebhookReceipt(messageId, webhook.WebhookId, journey));
            }

            context.Response.Headers.RetryAfter = RetryAfterSeconds;
            return WebhookProblems.Unavailable();
        }
        catch (PublishLimitException limit)
        {
            context.Response.Headers.RetryAfter = limit.RetryAfterSeconds;
            return Refuse(provider, WebhookProblems.TooMany());
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode != StatusCodes.Status503ServiceUnavailable)
        {
            return Refuse(provider, exception.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => WebhookProblems.TooLarge(settings.MaxBodySize),
                StatusCodes.Status415UnsupportedMediaType => WebhookProblems.OtherCharset(exception.Message),
                var status => WebhookProblems.BadRequest(status),
            });
        }
        catch (Exception exception) when (exception is ConnectionResetException or ConnectionAbortedException
            || context.RequestAborted.IsCancellationRequested)
        {
            Aborted(provider.Name);
            return TypedResults.StatusCode(StatusCodes.Status499ClientClosedRequest);
        }
    }

    async Task<(AcceptWebhook? Webhook, string EventId, ProblemHttpResult? Problem)> Read(WebhookProvider provider, HttpContext context)
    {
        var request = context.Request;

        if (!request.HasJsonContentType())
            return Problem(WebhookProblems.NotJson());

        using var body = await RequestBody.Read(request, settings.MaxBodySize, context.RequestAborted);

        if (body is null)
            return Problem(WebhookProblems.TooLarge(settings.MaxBodySize));

        if (provider.Scheme.FindProblem(request.Headers, body.Bytes) is { } notGenuine)
            return Problem(WebhookProblems.NotGenuine(notGenuine));

        // Its signature is that of the bytes as they came.
        body.ToUtf8(request.ContentType);
        if (WebhookPayload.Parse(body.Bytes, settings.MaxDepth, out var payload) is { } notSound)
            return Problem(WebhookProblems.Invalid(notSound));

        if (provider.Scheme.EventId.Read(request.Headers, payload) is not { } eventId || !EventName.IsValid(eventId))
            return Problem(Nameless("id", provider.Scheme.EventId));

        if (provider.Scheme.EventType.Read(request.Headers, payload) is not { } eventType || !EventName.IsValid(eventType))
            return Problem(Nameless("type", provider.Scheme.EventType));

        if (provider.TenantOf(context, out var noTenant) is not { } tenantId)
            return Problem(WebhookProblems.Invalid(noTenant!));

        return (new AcceptWebhook($"webhook-{eventId}", provider.Name, eventType, tenantId, time.GetUtcNow(), payload), eventId, null);
    }

    static (AcceptWebhook?, string, ProblemHttpResult?) Problem(ProblemHttpResult problem) => (null, "", problem);

    static ProblemHttpResult Nameless(string what, EventPart part) => WebhookProblems.Invalid(
        $"The event has no usable {what} in its {part}. Send 1 to {EventName.MaxLength} visible characters there, once.");

    ProblemHttpResult Refuse(WebhookProvider provider, ProblemHttpResult problem)
    {
        // Strangers can be refused as often as they like.
        if (_refusals.GetOrAdd((provider.Name, problem.StatusCode), _ => new LineAMinute(time)).IsDue(out var untold))
            Refused(provider.Name, problem.StatusCode, problem.ProblemDetails.Detail, untold);
        return problem;
    }

    [LoggerMessage(
        1, LogLevel.Warning, "A webhook of {Provider} was refused with {Status}: {Reason} So were {Untold} more since the last such line")]
    partial void Refused(string provider, int status, string? reason, int untold);

    [LoggerMessage(2, LogLevel.Debug, "The sender of a webhook of {Provider} hung up before the webhook was read")]
    partial void Aborted(string provider);
}
