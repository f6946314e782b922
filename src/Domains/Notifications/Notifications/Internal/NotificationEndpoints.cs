using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MaestroBus.Notifications;

/// <summary><c>GET /notifications?tenant=…&amp;limit=…</c>: a tenant's internal notifications, the newest first.</summary>
static class NotificationEndpoints
{
    const int DefaultLimit = 100;
    const int MaxLimit = 1_000;

    public static void MapNotifications(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/notifications", Find).RequireRole(AccessRole.Reader);

    static Results<Ok<NotificationsView>, ProblemHttpResult> Find(string? tenant, string? limit, NotificationInbox inbox, HttpContext http)
    {
        if (!TenantHeader.IsValid(tenant))
            return Bad(
                $"The tenant is '{tenant}'. Name one, as in /notifications?tenant=acme: 1 to 64 letters, digits, dots, underscores "
                    + "or dashes.");

        if (http.RefuseTenant(tenant!) is { } refusal)
            return refusal;

        if (!TryReadLimit(limit, out var count))
            return Bad($"The limit is '{limit}'. Use a whole number from 1 to {MaxLimit}, or leave it out for {DefaultLimit}.");

        return TypedResults.Ok(new NotificationsView(tenant!, inbox.Newest(tenant!, count)));
    }

    static bool TryReadLimit(string? text, out int limit)
    {
        limit = DefaultLimit;
        return text is null
            || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit);
    }

    static ProblemHttpResult Bad(string detail) =>
        TypedResults.Problem(statusCode: StatusCodes.Status400BadRequest, title: "Invalid request", detail: detail);

    sealed record NotificationsView(string Tenant, IReadOnlyList<InternalNotification> Notifications);
}
