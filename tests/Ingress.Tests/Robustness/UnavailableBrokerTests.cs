using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace MaestroBus.Ingress.Tests;

public sealed class UnavailableBrokerTests
{
    [Fact]
    public async Task A_bus_that_is_down_is_told_at_once()
    {
        // Whoever waited for the broker would wait longer than the caller does.
        await using var host = await IngressHost.Start([new("Bus:Ingress:PublishTimeout", "1m")]);
        await host.Services.GetRequiredService<IBusControl>().StopAsync(TestContext.Current.CancellationToken);

        var answer = await host.Post("github", "{}", Signed.ByGitHub("{}"));

        MustBeUnavailable(answer);
        Assert.Empty(host.Bus.Published.Select<AcceptWebhook>(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task More_webhooks_than_may_be_published_are_refused_until_later()
    {
        var limit = new PublishLimitPolicy { Permits = 10, Period = TimeSpan.FromSeconds(90) };
        await using var host = await IngressHost.Start(bus: OnSend(_ => throw new PublishLimitException(nameof(AcceptWebhook), limit)));

        var answer = await host.Post("github", "{}", Signed.ByGitHub("{}"));

        answer.MustBeProblem(HttpStatusCode.TooManyRequests, "Send it again after the time that Retry-After says.");
        Assert.Equal(90, answer.Headers.RetryAfter?.Delta?.TotalSeconds);
    }

    [Fact]
    public async Task A_broker_that_does_not_confirm_in_time_counts_as_not_having_taken_the_webhook()
    {
        var sends = 0;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await IngressHost.Start(
            [new("Bus:Ingress:PublishTimeout", "200ms")],
            bus: OnSend(async message =>
            {
                Interlocked.Increment(ref sends);
                try
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, message.CancellationToken);
                }
                finally
                {
                    ended.TrySetResult();
                }
            }));

        // On a busy machine the time may be over before the broker is asked.
        do
            MustBeUnavailable(await host.Post("github", "{}", Signed.ByGitHub("{}")));
        while (Volatile.Read(ref sends) == 0);

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal(1, sends);
        Assert.Contains("webhook-d-1 of github was not taken because the broker did not confirm it within 00:00:00.2000000",
            host.Log.Of(LogLevel.Warning));
    }

    [Fact]
    public async Task A_transport_that_fails_is_answered_so_that_the_sender_keeps_the_webhook_and_the_next_try_is_taken()
    {
        var fail = true;
        await using var host = await IngressHost.Start(
            bus: OnSend(_ => fail ? throw new IOException("The wire is cut.") : Task.CompletedTask));

        MustBeUnavailable(await host.Post("github", "{}", Signed.ByGitHub("{}")));
        fail = false;

        Assert.Equal(HttpStatusCode.Accepted, (await host.Post("github", "{}", Signed.ByGitHub("{}"))).Status);
    }

    [Fact]
    public async Task A_sender_that_hangs_up_halfway_is_no_error()
    {
        await using var host = await IngressHost.Start();

        using (var client = new TcpClient())
        {
            await client.ConnectAsync(host.Address.Host, host.Address.Port, TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync(
                Encoding.ASCII.GetBytes(
                    "POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"),
                TestContext.Current.CancellationToken);
            client.Client.LingerState = new LingerOption(true, 0);
        }

        Assert.Equal(HttpStatusCode.Accepted, (await host.Post("github", "{}", Signed.ByGitHub("{}"))).Status);
        Assert.Empty(host.Log.Of(LogLevel.Error));
    }

    static void MustBeUnavailable(Answer answer)
    {
        answer.MustBeProblem(HttpStatusCode.ServiceUnavailable, "counts as not taken. Send it again");
        Assert.Equal(TimeSpan.FromSeconds(10), answer.Headers.RetryAfter?.Delta);
    }

    static Action<IBusRegistrationConfigurator> OnSend(Func<SendContext, Task> action) => bus => bus.UsingInMemory((context, memory) =>
    {
        memory.ConfigurePublish(publish => publish.UseExecuteAsync(action));
        memory.ConfigureEndpoints(context);
    });
}
