using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace MaestroBus.Ingress.Tests;

public sealed class RabbitMqOutageTests
{
    [Fact]
    public async Task While_RabbitMQ_is_dead_senders_are_told_at_once_and_what_they_kept_is_taken_when_it_is_back()
    {
        await using var server = new RabbitMqServer();
        await server.Start(TestContext.Current.CancellationToken);
        var taken = new ConcurrentBag<string>();
        await using var host = await IngressHost.Start([new("Bus:Ingress:PublishTimeout", "3s")], bus => bus.UsingRabbitMq((context, rabbit) =>
        {
            rabbit.Host(new Uri(server.Url));
            rabbit.ReceiveEndpoint("listener", listener => listener.Handler<WebhookAccepted>(message =>
            {
                taken.Add(message.Message.WebhookId);
                return Task.CompletedTask;
            }));
            rabbit.ConfigureEndpoints(context);
        }));
        Assert.Equal(HttpStatusCode.Accepted, (await Post("before")).Status);
        await Announced("before");

        await server.Kill();
        await Eventually.True(
            async () =>
            {
                var clock = Stopwatch.StartNew();
                var answer = await Post("meanwhile");
                answer.MustBeProblem(HttpStatusCode.ServiceUnavailable, "Send it again");
                return clock.Elapsed < TimeSpan.FromSeconds(1.5);
            },
            TimeSpan.FromSeconds(20), "an answer that does not wait for the time-out", TestContext.Current.CancellationToken);

        await server.Start(TestContext.Current.CancellationToken);
        await Eventually.True(
            async () => (await Post("after")).Status == HttpStatusCode.Accepted,
            TimeSpan.FromSeconds(30), "a webhook to be taken again", TestContext.Current.CancellationToken);
        await Announced("after");
        Assert.DoesNotContain("webhook-meanwhile", taken);

        Task Announced(string id) => Eventually.True(
            () => Task.FromResult(taken.Contains($"webhook-{id}")), TimeSpan.FromSeconds(30), $"'{id}' to be announced", TestContext.Current.CancellationToken);

        Task<Answer> Post(string id) => host.Post("github", "{}", Signed.ByGitHub("{}", id));
    }
}
