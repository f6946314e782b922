using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace MaestroBus.Integration.Tests;

/// <summary>A real HTTP server on a free port that answers as a test says, and remembers what it was asked.</summary>
sealed class Api : IAsyncDisposable
{
    readonly WebApplication _app;

    Api(WebApplication app) => _app = app;

    public ConcurrentQueue<Request> Requests { get; } = [];

    public string Address => _app.Urls.First();

    public static async Task<Api> Start(
        RequestDelegate answer, string address = "http://127.0.0.1:0", Action<HttpsConnectionAdapterOptions>? https = null)
    {
        var builder = ValidatedHost.CreateWebEmptyBuilder();
        builder.WebHost.UseKestrel(kestrel =>
        {
            if (https is not null)
                kestrel.ConfigureHttpsDefaults(https);
        }).UseUrls(address);
        var api = new Api(builder.Build());

        api._app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            var body = await reader.ReadToEndAsync(context.RequestAborted);
            api.Requests.Enqueue(new Request(
                context.Request.Method,
                context.Request.GetEncodedPathAndQuery(),
                context.Request.Headers.ToDictionary(
                    header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
                body));
            await answer(context);
        });

        await api._app.StartAsync();
        return api;
    }

    /// <summary>Answers with one status after the other, and with the last one from then on.</summary>
    public static Task<Api> Answering(params int[] statuses)
    {
        var next = -1;
        return Start(context =>
        {
            context.Response.StatusCode = statuses[Math.Min(Interlocked.Increment(ref next), statuses.Length - 1)];
            return context.Response.WriteAsync("An answer.");
        });
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    public sealed record Request(string Method, string Path, Dictionary<string, string> Headers, string Body);
}
