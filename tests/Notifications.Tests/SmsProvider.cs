using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MaestroBus.Notifications.Tests;

/// <summary>A provider of text messages on a port of this machine.</summary>
sealed class SmsProvider : IAsyncDisposable
{
    readonly WebApplication _application;

    SmsProvider(WebApplication application) => _application = application;

    public ConcurrentQueue<Request> Requests { get; } = [];

    public string Url => $"{_application.Urls.First()}/messages";

    public static async Task<SmsProvider> Start(Func<HttpContext, Task> answer)
    {
        var builder = ValidatedHost.CreateWebSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        var provider = new SmsProvider(builder.Build());

        provider._application.MapPost("/messages", async context =>
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            provider.Requests.Enqueue(new Request(
                body.RootElement.GetRawText(), context.Request.Headers.Authorization.ToString(),
                context.Request.Headers["Idempotency-Key"].ToString()));
            await answer(context);
        });

        await provider._application.StartAsync(TestContext.Current.CancellationToken);
        return provider;
    }

    public static Task<SmsProvider> Answering(int status, string body = "") => Start(context =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(body, context.RequestAborted);
    });

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    public sealed record Request(string Body, string Authorization, string IdempotencyKey);
}
