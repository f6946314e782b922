using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MaestroBus.Analytics;

/// <summary><c>GET /analytics/usage?tenant=…&amp;from=…&amp;to=…</c>: what a tenant has used.</summary>
static class UsageEndpoints
{
    static readonly TimeSpan DefaultPeriod = TimeSpan.FromDays(30);

    // Only what reads the same everywhere; a time without an offset is universal time.
    static readonly string[] TimeFormats = ["yyyy-MM-dd", "yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"];

    public static void MapUsage(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/analytics/usage", Find).RequireRole(AccessRole.Reader);

    static async Task<Results<Ok<UsageReport>, ProblemHttpResult>> Find(
        string? tenant, string? from, string? to, IUsageStore store, TimeProvider clock, HttpContext http,
        CancellationToken cancellationToken)
    {
        if (!TenantHeader.IsValid(tenant))
            return Bad(
                $"The tenant is '{tenant}'. Name one, as in /analytics/usage?tenant=acme: 1 to 64 letters, digits, dots, underscores "
                    + "or dashes.");

        if (http.RefuseTenant(tenant!) is { } refusal)
            return refusal;

        if (!TryReadTime(to, clock.GetUtcNow(), out var end))
            return BadTime("to", to!);

        if (!TryReadTime(
            from, end > DateTimeOffset.MinValue + DefaultPeriod ? end - DefaultPeriod : DateTimeOffset.MinValue, out var begin))
            return BadTime("from", from!);

        if (begin >= end)
            return Bad($"The time is from {begin:O} to {end:O}. Give a beginning before the end.");

        return TypedResults.Ok(await store.Report(tenant!, begin, end, cancellationToken));
    }

    static bool TryReadTime(string? text, DateTimeOffset fallback, out DateTimeOffset time)
    {
        time = fallback;
        return text is null || DateTimeOffset.TryParseExact(
            text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }

    static ProblemHttpResult BadTime(string name, string text) =>
        Bad($"'{name}' is '{text}'. Use a time such as 2026-11-22T10:00:00Z, or a date such as 2026-11-22.");

    static ProblemHttpResult Bad(string detail) =>
        TypedResults.Problem(statusCode: StatusCodes.Status400BadRequest, title: "Invalid request", detail: detail);
}
