using Microsoft.AspNetCore.Mvc;

namespace MaestroBus.Ingress;

/// <summary><c>POST /webhooks/{provider}</c>.</summary>
static class WebhookEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/webhooks/{provider}",
            (string provider, HttpContext context, [FromServices] WebhookReceiver receiver) => receiver.Receive(provider, context))
            .AllowAnonymousCallers("The provider's signature is checked.")
            .ReadsItsBody(routes.ServiceProvider.GetRequiredService<IngressSettings>().MaxBodySize)
            .IgnoresUnknownParameters()
            .WithName("ReceiveWebhook")
            .WithSummary("Takes a signed webhook into the bus")
            .Produces<WebhookReceipt>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
}
