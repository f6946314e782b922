using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace MaestroBus.Notifications;

/// <summary><c>POST /notifications/bulk</c> submits a bulk notification as a job, and <c>GET /notifications/bulk/{id}</c> tells how far it is.</summary>
static class BulkEndpoints
{
    const int MostRecipients = 100_000;

    public static void MapBulk(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/notifications/bulk", Submit);
        routes.MapGet("/notifications/bulk/{id:guid}", Find);
    }

    static async Task<Results<Accepted<BulkAccepted>, ValidationProblem>> Submit(
        BulkRequest request, [FromServices] IJobs jobs, [FromServices] IEnumerable<INotificationChannel> channels, BusSettings bus, CancellationToken cancellationToken)
    {
        var tenant = request.Tenant ?? bus.DefaultTenant;
        Dictionary<string, string[]> errors = [];
        if (!TenantHeader.IsValid(tenant))
            errors["tenant"] = [TenantHeader.Rule];
        if (!channels.Any(channel => channel.Name.Equals(request.Channel, StringComparison.OrdinalIgnoreCase)))
            errors["channel"] = [$"Name one: {string.Join(", ", channels.Select(channel => channel.Name).Order(StringComparer.Ordinal))}."];
        if (request.Recipients is not { Count: > 0 and <= MostRecipients } || request.Recipients.Any(string.IsNullOrWhiteSpace))
            errors["recipients"] = [$"Name from 1 to {MostRecipients} recipients, none of them empty."];
        if (string.IsNullOrWhiteSpace(request.Text))
            errors["text"] = ["Say something."];
        if (errors.Count > 0)
            return TypedResults.ValidationProblem(errors, title: "The notification cannot be sent.", detail: "Correct what is listed under errors.");

        var id = await jobs.Submit(
            new SendBulk(tenant, request.Channel!, request.Recipients!, request.Subject, request.Text!), new JobSubmission { Id = request.Id, Tenant = tenant }, cancellationToken);
        return TypedResults.Accepted($"/notifications/bulk/{id}", new BulkAccepted(id));
    }

    static async Task<Results<Ok<BulkView>, ProblemHttpResult>> Find(Guid id, [FromServices] IJobs jobs, CancellationToken cancellationToken) =>
        await jobs.Find(id, cancellationToken) is { Type: nameof(SendBulk) } job
            ? TypedResults.Ok(new BulkView(id, $"{job.Stage}", job.Progress ?? 0, job.ProgressLimit, job.Reason))
            : TypedResults.Problem(
                statusCode: StatusCodes.Status404NotFound, title: "Unknown notification", detail: $"There is no bulk notification {id}, or its record is not kept any more.");

    sealed record BulkRequest(Guid? Id, string? Tenant, string? Channel, IReadOnlyList<string>? Recipients, string? Subject, string? Text);

    sealed record BulkAccepted(Guid Id);

    sealed record BulkView(Guid Id, string State, long Done, long? Total, string? Reason);
}
