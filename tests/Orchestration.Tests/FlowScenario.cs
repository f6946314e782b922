using System.Text.Json;
using MassTransit.Events;
using MassTransit.Metadata;
using MassTransit.Serialization;

namespace MaestroBus.Orchestration.Tests;

/// <summary>The domain without the adapters: a test answers their commands itself.</summary>
sealed class FlowScenario(DomainHarness domain) : IAsyncDisposable
{
    /// <summary>Makes the harness's lists tell what they hold instead of waiting for more.</summary>
    public static readonly CancellationToken SoFar = new(canceled: true);

    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public Guid FlowId { get; } = NewId.NextGuid();

    public ITestHarness Bus => domain.Bus;

    public static async Task<FlowScenario> Start(
        IEnumerable<KeyValuePair<string, string?>>? settings = null, Action<IServiceCollection>? configure = null) =>
        new(await DomainHarness.Start<OrchestrationDomain>(settings, configure));

    /// <summary>A specification as its author writes it.</summary>
    public static FlowSpecification Specification(string json) =>
        JsonSerializer.Deserialize<FlowSpecification>(json, JsonSerializerOptions.Web)!;

    public Task Publish<T>(T message)
        where T : class =>
        Bus.Bus.Publish(message, TestContext.Current.CancellationToken);

    public Task Run(string specification, string trigger = "{}") =>
        Publish(new StartFlow(FlowId, Specification(specification), "acme", JsonElement.Parse(trigger)));

    public Task Answer(string step, string body = "null", int status = 200) =>
        Publish(new ApiCallSucceeded(
            FlowId, step, "acme", "shop", status, body == "null" ? null : JsonElement.Parse(body), TimeSpan.FromMilliseconds(3)));

    /// <summary>Publishes what the bus publishes of a command that has failed for good.</summary>
    public Task PublishFault<T>(T command, string message)
        where T : class =>
        Publish<Fault<T>>(new FaultEvent<T>(command, null, HostMetadataCache.Host, new InvalidOperationException(message), []));

    /// <summary>Stores a dead letter as the bus does that no consumer was given.</summary>
    public Task DeadLetter<T>(string queue, T message, string reason, string text)
        where T : class =>
        DeadLetter(
            queue, MessageUrn.ForTypeString<T>(), JsonSerializer.SerializeToUtf8Bytes(message, SystemTextJsonMessageSerializer.Options),
            null, reason, text);

    /// <summary>Stores a dead letter with any body.</summary>
    /// <param name="queue">Whose dead letter it is.</param>
    /// <param name="type">The URN of its type, if that is known.</param>
    /// <param name="body">Its body.</param>
    /// <param name="initiator">The id that it has from the message that it answers.</param>
    /// <param name="reason">Why it is there.</param>
    /// <param name="text">The same in words.</param>
    public Task DeadLetter(
        string queue, string? type, byte[] body, Guid? initiator, string reason = DeadLetterReason.Unreadable, string? text = null) =>
        domain.Services.GetRequiredService<IDeadLetterIntake>().Add(
            [
                new DeadLetter
                {
                    Key = $"{NewId.NextGuid()}",
                    Queue = queue,
                    Address = new Uri($"queue:{queue}"),
                    MessageType = type,
                    Reason = reason,
                    ExceptionMessage = text,
                    FailedAt = DateTimeOffset.UnixEpoch,
                    Ids = new DeadLetterIds(InitiatorId: initiator),
                    Body = body,
                },
            ],
            TestContext.Current.CancellationToken);

    public Task<CallApi> Called(string step) => Published<CallApi>(call => call.FlowId == FlowId && call.StepId == step);

    public Task<SendNotification> Notified(string step) =>
        Published<SendNotification>(notification => notification.FlowId == FlowId && notification.StepId == step);

    public async Task<T> Published<T>(Func<T, bool>? filter = null)
        where T : class =>
        await Eventually.Some(
            () => Task.FromResult(All<T>().FirstOrDefault(filter ?? (_ => true))), Limit, typeof(T).Name,
            TestContext.Current.CancellationToken);

    public IReadOnlyList<T> All<T>()
        where T : class =>
        [
            .. Bus.Published.Select<T>(SoFar).Select(published => published.Context.Message),
            .. FromOutbox<T>().Select(context =>
                Body(context).GetProperty("message").Deserialize<T>(SystemTextJsonMessageSerializer.Options)!),
        ];

    /// <summary>How all messages of a type were sent.</summary>
    public IReadOnlyList<SendContext> Contexts<T>()
        where T : class =>
        [.. Bus.Published.Select<T>(SoFar).Select(published => published.Context), .. FromOutbox<T>()];

    public IEnumerable<Exception> Exceptions =>
        Bus.Consumed.Select(_ => true, SoFar).Select(consumed => consumed.Exception).OfType<Exception>();

    public async Task<FlowSaga> In(string state) =>
        await Eventually.Some(
            async () =>
                await domain.Services.GetRequiredService<ILoadSagaRepository<FlowSaga>>().Load(FlowId) is { } flow
                    && flow.CurrentState == state ? flow : null,
            Limit, $"the flow to be {state}", TestContext.Current.CancellationToken);

    /// <summary>Awaits that the queue has worked on so many messages of a type.</summary>
    public Task Consumed<T>(int count)
        where T : class =>
        Eventually.True(
            () => Task.FromResult(Bus.Consumed.Select<T>(SoFar).Count() >= count), Limit, $"{count} {typeof(T).Name} to be consumed",
            TestContext.Current.CancellationToken);

    /// <summary>What the outbox sends was serialized when the flow published it, and is no message of its type any more.</summary>
    IEnumerable<SendContext<SerializedMessageBody>> FromOutbox<T>()
        where T : class =>
        Bus.Sent.Select<SerializedMessageBody>(SoFar).Select(sent => sent.Context)
            .Concat(Bus.Published.Select<SerializedMessageBody>(SoFar).Select(published => published.Context))
            .Where(context => context.SupportedMessageTypes.Contains(MessageUrn.ForTypeString<T>()));

    static JsonElement Body(SendContext<SerializedMessageBody> context) =>
        JsonElement.Parse(context.Serializer.GetMessageBody(context).GetString());

    public ValueTask DisposeAsync() => domain.DisposeAsync();
}
