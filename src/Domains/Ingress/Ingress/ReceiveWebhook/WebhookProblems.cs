using Microsoft.AspNetCore.Http.HttpResults;

namespace MaestroBus.Ingress;

/// <summary>
/// What a sender is answered whose webhook is not taken. Nothing that an unknown sender wrote is repeated in an answer; a genuine one is
/// told the path of what is wrong with its body.
/// </summary>
static class WebhookProblems
{
    public static ProblemHttpResult UnknownProvider() => Problem(
        StatusCodes.Status404NotFound,
        "Unknown provider",
        "No webhooks are taken under this name. Correct the address, or add the provider under Bus:Ingress:Providers.");

    public static ProblemHttpResult NotJson() => Problem(
        StatusCodes.Status415UnsupportedMediaType,
        "Not JSON",
        "The Content-Type is not JSON. Send the webhook as application/json.");

    public static ProblemHttpResult OtherCharset(string detail) =>
        Problem(StatusCodes.Status415UnsupportedMediaType, "Charset not known", detail);

    public static ProblemHttpResult TooLarge(int limit) => Problem(
        StatusCodes.Status413PayloadTooLarge,
        "Webhook too large",
        $"The body is longer than {limit} bytes. Send less, or raise Bus:Ingress:MaxBodySize.");

    public static ProblemHttpResult BadRequest(int status) => Problem(
        status,
        "Body cannot be read",
        "The request is broken or came too slowly. Send the whole webhook again.");

    public static ProblemHttpResult NotGenuine(string detail) => Problem(StatusCodes.Status401Unauthorized, "Signature refused", detail);

    public static ProblemHttpResult Invalid(string detail) => Problem(StatusCodes.Status400BadRequest, "Invalid webhook", detail);

    public static ProblemHttpResult Unavailable() => Problem(
        StatusCodes.Status503ServiceUnavailable,
        "Webhook not taken",
        "The message broker has not confirmed the webhook, so it counts as not taken. Send it again: a repeated delivery keeps its ids and "
            + "has its effect once.");

    public static ProblemHttpResult TooMany() => Problem(
        StatusCodes.Status429TooManyRequests,
        "Too many webhooks",
        "More webhooks come than are taken at present, so this one was not taken. Send it again after the time that Retry-After says.");

    static ProblemHttpResult Problem(int status, string title, string detail) =>
        TypedResults.Problem(statusCode: status, title: title, detail: detail);
}
