using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Messaging.Tests;

public sealed class AnswerTimeTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_that_takes_longer_than_its_answer_time_is_cancelled_and_refused_and_others_are_not()
    {
        var builder = ValidatedHost.CreateWebSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(new HttpSettings { MaxAnswerTime = TimeSpan.FromMilliseconds(200) });
        await using var app = builder.Build();
        var bounded = app.MapGroup("").Bound().HasAnswerTime(true);
        bounded.MapGet("/slow", async (CancellationToken aborted) => await new TaskCompletionSource().Task.WaitAsync(aborted));
        bounded.MapGet("/quick", () => "");
        var free = bounded.MapGet("/free", (CancellationToken aborted) => $"{aborted.CanBeCanceled}");
        free.HasAnswerTime(false);
        await app.StartAsync(Cancel);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        using var slow = await client.GetAsync("/slow", Cancel);
        using var quick = await client.GetAsync("/quick", Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, slow.StatusCode);
        Assert.Contains("0.2 s", await slow.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, quick.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/free", Cancel)).StatusCode);
    }
}
