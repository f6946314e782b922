using System.Text;
using MassTransit.Serialization;

namespace Maestro.Bus.Messaging.Tests;

/// <summary>Messages of the engine that a host left while the engine's namespaces began with the name of the bus.</summary>
public sealed class FormerNamesTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("urn:message:Acme.Jobs:JobBatchCompleted", true)]
    [InlineData("urn:message:Maestro.Bus.Jobs:JobBatchCompleted", true)]
    [InlineData("urn:message:Acme.Jobs:JobBatchCompletedAgain", false)]
    [InlineData("urn:message:Contoso.Jobs:JobBatchCompleted", false)]
    public async Task A_message_is_consumed_under_its_former_name(string type, bool isConsumed)
    {
        await using var services = new ServiceCollection()
            .AddMassTransitTestHarness(bus =>
            {
                bus.AddHandler((BatchEnded _) => Task.CompletedTask).Endpoint(endpoint => endpoint.Name = "batches");
                bus.AddHandler((Last _) => Task.CompletedTask).Endpoint(endpoint => endpoint.Name = "batches");
                bus.AddConfigureEndpointsCallback((_, _, endpoint) =>
                {
                    endpoint.ConcurrentMessageLimit = 1;
                    endpoint.ConfigureReceive(receive => receive.UseFilter(new TextReceiveContext.Filter(new FormerNames("Acme"))));
                });
            })
            .BuildServiceProvider(true);
        var harness = services.GetRequiredService<ITestHarness>();
        await harness.Start();
        var queue = await harness.Bus.GetSendEndpoint(new Uri("queue:batches"));

        await queue.Send(new BatchEnded(7), send => send.Serializer = new Envelope(type), Cancellation);
        await queue.Send(new Last(), Cancellation);

        Assert.True(await harness.Consumed.Any<Last>(Cancellation));
        Assert.Equal(
            isConsumed ? [7] : [],
            harness.Consumed.Select<BatchEnded>(Cancellation).Select(consumed => consumed.Context.Message.Total));
    }

    [Fact]
    public void Text_that_is_not_a_former_name_stays_as_it_is()
    {
        var body = Encoding.UTF8.GetBytes(
            """{"a":"urn:message:Acme.Jobs:AddJobs and more","b":"urn:message:Acme.Jobs.Contracts:AddJobs","c":"ä"}""");

        Assert.Equal(body, new FormerNames("Acme").Replace(body));
    }

    [Fact]
    public void A_host_without_a_stamped_name_has_no_former_names() => Assert.Null(FormerNames.Of(typeof(FormerNamesTests).Assembly));

    /// <summary>The engine's event, with a field of it.</summary>
    [MessageUrn("Maestro.Bus.Jobs:JobBatchCompleted")]
    public sealed record BatchEnded(int Total);

    public sealed record Last;

    /// <summary>Writes an envelope that says it holds a message of another type.</summary>
    sealed class Envelope(string type) : IMessageSerializer
    {
        public System.Net.Mime.ContentType ContentType => SystemTextJsonMessageSerializer.JsonContentType;

        public MessageBody GetMessageBody<T>(SendContext<T> context)
            where T : class =>
            new BytesMessageBody(Encoding.UTF8.GetBytes(
                SystemTextJsonMessageSerializer.Instance.GetMessageBody(context).GetString()
                    .Replace(MessageUrn.ForTypeString<T>(), type, StringComparison.Ordinal)));
    }
}
