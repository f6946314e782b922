using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Maestro.Bus.Persistence;

/// <summary>Answers requests of any endpoint whose database is away with 503: the same request will do once it is back.</summary>
sealed class DatabaseAwayHandler : IExceptionHandler
{
    const string RetryAfterSeconds = "5";

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (!DatabaseFailures.IsAway(exception))
            return false;

        httpContext.Response.Headers.RetryAfter = RetryAfterSeconds;
        await TypedResults.Problem(
            statusCode: StatusCodes.Status503ServiceUnavailable,
            title: "The database does not answer.",
            detail: "What the request was to do may have been done or not. Send it again after the time that Retry-After says.")
            .ExecuteAsync(httpContext);
        return true;
    }
}
