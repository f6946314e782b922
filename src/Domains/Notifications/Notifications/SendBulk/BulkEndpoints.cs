using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace MaestroBus.Notifications;

/// <summary>
/// <c>POST /notifications/bulk</c> submits a bulk notification as a job, and <c>GET /notifications/bulk/{id}</c> tells how far it is.
/// </summary>
static class BulkEndpoints
{
    public static void MapBulk(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/notifications/bulk", Submit).RequireRole(AccessRole.Client);
        routes.MapGet("/notifications/bulk/{id:guid}", Find).RequireRole(AccessRole.Client, AccessRole.Reader);
    }

    static async Task<Results<Accepted<BulkAccepted>, ValidationProblem, ProblemHttpResult>> Submit(
        BulkRequest request,
        [FromServices] IJobs jobs,
        [FromServices] IEnumerable<INotificationChannel> channels,
        NotificationsSettings settings,
        BusSettings bus,
        HttpContext http,
        CancellationToken cancellationToken)
    {
        var tenant = request.Tenant ?? http.Caller().TenantOr(bus.DefaultTenant);
        Dictionary<string, string[]> errors = [];
        if (!TenantHeader.IsValid(tenant))
            errors["tenant"] = [TenantHeader.Rule];
        if (!channels.Any(channel => channel.Name.Equals(request.Channel, StringComparison.OrdinalIgnoreCase)))
            errors["channel"] = [$"Name one: {string.Join(", ", channels.Select(channel => channel.Name).Order(StringComparer.Ordinal))}."];
        if (request.Recipients is not { Count: > 0 } || request.Recipients.Any(string.IsNullOrWhiteSpace))
            errors["recipients"] = ["Name at least one recipient, and none that is empty."];
        if (string.IsNullOrWhiteSpace(request.Text))
            errors["text"] = ["Say something."];
        if (errors.Count == 0)
            errors = settings.Limits.Problems(request.Recipients!, request.Subject, request.Text!)
                .ToDictionary(found => found.Field, found => (string[])[found.Problem]);
        if (errors.Count > 0)
            return TypedResults.ValidationProblem(
                errors, title: "The notification cannot be sent.", detail: "Correct what is listed under errors.");

        if (http.RefuseTenant(tenant) is { } refusal)
            return refusal;

        // A caller's id lives among its tenant's: as a job's id it could meet any other job's.
        var own = request.Id is { } given ? DeterministicId.Of("bulk-notification", tenant, $"{given:D}") : (Guid?)null;
        var id = await jobs.Submit(
            new SendBulk(tenant, request.Channel!, request.Recipients!, request.Subject, request.Text!),
            new JobSubmission { Id = own, Tenant = tenant },
            cancellationToken);
        return TypedResults.Accepted($"/notifications/bulk/{id}", new BulkAccepted(id));
    }

    static async Task<Results<Ok<BulkView>, ProblemHttpResult>> Find(
        Guid id, [FromServices] IJobs jobs, BusSettings bus, HttpContext http, CancellationToken cancellationToken) =>
        await jobs.Find(id, cancellationToken) is { Type: nameof(SendBulk) } job && http.Caller().MayAccess(job.Tenant ?? bus.DefaultTenant)
            ? TypedResults.Ok(new BulkView(id, $"{job.Stage}", job.Progress ?? 0, job.ProgressLimit, job.Reason))
            : TypedResults.Problem(
                statusCode: StatusCodes.Status404NotFound, title: "Unknown notification",
                detail: $"There is no bulk notification {id}, or its record is not kept any more.");

    sealed record BulkRequest(Guid? Id, string? Tenant, string? Channel, IReadOnlyList<string>? Recipients, string? Subject, string? Text);

    sealed record BulkAccepted(Guid Id);

    sealed record BulkView(Guid Id, string State, long Done, long? Total, string? Reason);
}
