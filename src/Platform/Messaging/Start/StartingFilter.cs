using Microsoft.AspNetCore.Hosting;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Answers 503 while the host starts, to all but its health: the database may not be migrated yet, and what is published before a new
/// queue is bound is lost.
/// </summary>
sealed class StartingFilter(IHostApplicationLifetime lifetime) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, go) => lifetime.ApplicationStarted.IsCancellationRequested ? go(context) : WhileStarting(context, go));
        next(app);
    };

    static Task WhileStarting(HttpContext context, RequestDelegate go)
    {
        if (context.Request.Path == BusEndpoints.Live)
            return go(context);

        if (context.Request.Path != BusEndpoints.Ready)
        {
            context.Response.Headers.RetryAfter = "1";
            return TypedResults.Problem(
                statusCode: StatusCodes.Status503ServiceUnavailable,
                title: "The bus is starting",
                detail: $"Send the request again after the time that Retry-After says, or when {BusEndpoints.Ready} answers 200.")
                .ExecuteAsync(context);
        }

        // All checks may be well before the last service has started.
        context.Response.OnStarting(() =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        });
        return go(context);
    }
}
