using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MaestroBus.Orchestration;

/// <summary>
/// The steps of <see cref="FlowStateMachine"/>. Each publishes first and changes the state after it, and can be repeated: a message whose
/// publishing has failed is delivered again, and must find the flow where it was.
/// </summary>
static class FlowSteps
{
    const int LongestId = 64;
    const int LongestReason = 4000;

    public static void ToFlow<T>(this IEventCorrelationConfigurator<FlowSaga, T> answer, Func<ConsumeContext<T>, Guid> flowId)
        where T : class =>
        answer.CorrelateById(flowId).OnMissingInstance(missing => missing.Discard());

    /// <summary>
    /// Tells whether a fault is of the flows' own queue. Other queues get the same answers for themselves, and what becomes of them there
    /// is not the flow's business.
    /// </summary>
    public static bool IsOfThisQueue<T>(this ConsumeContext<Fault<T>> fault) =>
        fault.SourceAddress?.AbsolutePath == fault.ReceiveContext.InputAddress.AbsolutePath;

    /// <exception cref="InvalidMessageException">The message can never become a flow.</exception>
    public static EventActivityBinder<FlowSaga, StartFlow> Check(this EventActivityBinder<FlowSaga, StartFlow> binder) =>
        binder.Then(context =>
        {
            var (settings, start) = (context.Settings(), context.Message);
            FlowSpecificationReader.Check(start.Specification, settings);

            if (start.Trigger is { } trigger
                && JsonDoor.FindProblem(Encoding.UTF8.GetBytes(trigger.GetRawText()), settings.MaxDepth) is { } problem)
                throw new InvalidMessageException($"The trigger of '{start.Specification.Id}' is wrong at {problem}");
        });

    public static EventActivityBinder<FlowSaga, StartFlow> Begin(this EventActivityBinder<FlowSaga, StartFlow> binder) =>
        binder.Then(context =>
        {
            var (flow, start) = (context.Saga, context.Message);
            flow.SpecificationId = start.Specification.Id;
            flow.Specification = JsonSerializer.Serialize(start.Specification, JsonSerializerOptions.Web);
            flow.TenantId = start.TenantId;
            flow.Trigger = start.Trigger?.GetRawText();
            flow.StartedAt = context.Now();
            flow.EndedAt = null;
            flow.Step = null;
            flow.Failure = null;
            flow.Note(null, FlowEvents.FlowStarted, context.Now());
        });

    /// <exception cref="UnresolvableInputException">The flow has become too large.</exception>
    public static EventActivityBinder<FlowSaga, StartFlow> CheckSize(this EventActivityBinder<FlowSaga, StartFlow> binder) =>
        binder.Then(context => context.Saga.CheckSize(context.Settings()));

    /// <summary>Keeps what is known of a flow whose start has ended in the dead letters.</summary>
    public static EventActivityBinder<FlowSaga, Fault<StartFlow>> FailStart(this EventActivityBinder<FlowSaga, Fault<StartFlow>> binder) =>
        binder.ThenAsync(context =>
        {
            var (flow, start) = (context.Saga, context.Message.Message);
            flow.SpecificationId = StorableText.Cut(start.Specification?.Id ?? "", LongestId);
            flow.TenantId = TenantHeader.IsValid(start.TenantId) ? start.TenantId : context.TenantId() ?? "";
            flow.StartedAt = context.Now();
            var step = StorableText.Cut(start.Specification?.Steps?.FirstOrDefault()?.Id ?? "", LongestId);
            return context.Fail(step, context.Message.Reason());
        });

    /// <summary>Keeps what is known of a flow whose start no consumer was given.</summary>
    public static EventActivityBinder<FlowSaga, FlowStartDeadLettered> FailStart(
        this EventActivityBinder<FlowSaga, FlowStartDeadLettered> binder) =>
        binder.ThenAsync(context =>
        {
            var (flow, start) = (context.Saga, context.Message);
            flow.SpecificationId = StorableText.Cut(start.SpecificationId, LongestId);
            flow.TenantId = TenantHeader.IsValid(start.TenantId) ? start.TenantId : context.TenantId() ?? "";
            flow.StartedAt = context.Now();
            return context.Fail(StorableText.Cut(start.Step, LongestId), start.Reason);
        });

    public static EventActivityBinder<FlowSaga, StartFlow> PublishFlowStarted(this EventActivityBinder<FlowSaga, StartFlow> binder) =>
        binder.ThenAsync(context => context.PublishForTenant(
            new FlowStarted(context.Saga.CorrelationId, context.Saga.SpecificationId, context.Saga.TenantId)));

    public static EventActivityBinder<FlowSaga, T> RunNextStep<T>(this EventActivityBinder<FlowSaga, T> binder)
        where T : class =>
        binder.ThenAsync(async context =>
        {
            var flow = context.Saga;
            var specification = flow.ReadSpecification();
            var step = flow.NextStep(specification)!;
            var input = StepInput.Resolve(specification, step, flow.ReadData(specification), context.Settings());
            string detail;

            if (step.Adapter == FlowAdapter.Http)
            {
                var call = StepCommand.CallApi(flow, step, input);
                detail = $"{call.Method} {call.Address} {call.Path}".TrimEnd();
                await context.PublishForTenant(call);
            }
            else
            {
                var notification = StepCommand.SendNotification(flow, step, input);
                detail = $"{notification.Channel} to {notification.Recipient}";
                await context.PublishForTenant(notification);
            }

            flow.Step = step.Id;
            flow.WaitingSince = context.Now().ToUnixTimeMilliseconds();
            flow.Note(step.Id, FlowEvents.StepStarted, context.Now(), detail);
        });

    public static EventActivityBinder<FlowSaga, ApiCallSucceeded> CompleteStep(
        this EventActivityBinder<FlowSaga, ApiCallSucceeded> binder) =>
        binder.Then(context => context.CompleteStep(
            new JsonObject { ["status"] = context.Message.Status, ["body"] = context.ReadBody() },
            $"{context.Message.Status} after {context.Message.Duration.TotalMilliseconds:0} ms"));

    public static EventActivityBinder<FlowSaga, NotificationSent> CompleteStep(
        this EventActivityBinder<FlowSaga, NotificationSent> binder) =>
        binder.Then(context => context.CompleteStep(
            new JsonObject { ["channel"] = context.Message.Channel, ["recipient"] = context.Message.Recipient },
            $"{context.Message.Channel} to {context.Message.Recipient}"));

    public static EventActivityBinder<FlowSaga, T> Proceed<T>(
        this EventActivityBinder<FlowSaga, T> binder, State running, State completed, State failed)
        where T : class =>
        binder.IfElse(
            context => context.Saga.NextStep() is not null,
            more => more
                .RunNextStep()
                .TransitionTo(running)
                .Catch<UnresolvableInputException>(unresolvable => unresolvable.FailNextStep().TransitionTo(failed)),
            done => done.Complete().TransitionTo(completed));

    /// <summary>Fails the step whose answer cannot be kept.</summary>
    public static EventActivityBinder<FlowSaga, T> CatchUnusableResult<T>(this EventActivityBinder<FlowSaga, T> binder, State failed)
        where T : class =>
        binder.Catch<UnusableResultException>(unusable => unusable
            .ThenAsync(context => context.Fail(context.Saga.Step!, context.Exception.Message))
            .TransitionTo(failed));

    /// <summary>Fails the step whose command or answer has ended in the dead letters or is lost, until an answer comes after all.</summary>
    public static EventActivityBinder<FlowSaga, T> FailUnansweredStep<T>(
        this EventActivityBinder<FlowSaga, T> binder, string what, Func<T, string> reason)
        where T : class =>
        binder.ThenAsync(context =>
        {
            var why = StorableText.Of(reason(context.Message));
            context.Saga.Note(context.Saga.Step, what, context.Now(), why);
            return context.Fail(context.Saga.Step!, why);
        });

    /// <summary>Lets a flow that a dead letter has failed go on, as the dead letter was retried.</summary>
    public static EventActivityBinder<FlowSaga, T> Resume<T>(this EventActivityBinder<FlowSaga, T> binder)
        where T : class =>
        binder.Then(context =>
        {
            var flow = context.Saga;
            var before = flow.History.FindLast(entry => entry.Step == flow.Step && entry.Event == FlowEvents.StepRetried)?.Detail;
            var count = int.TryParse(before, CultureInfo.InvariantCulture, out var retries) ? retries + 1 : 1;
            (flow.Failure, flow.EndedAt) = (null, null);
            flow.Note(flow.Step, FlowEvents.StepRetried, context.Now(), count.ToString(CultureInfo.InvariantCulture));
        });

    public static EventActivityBinder<FlowSaga, T> FailStep<T>(this EventActivityBinder<FlowSaga, T> binder, Func<T, string> reason)
        where T : class =>
        binder.ThenAsync(context => context.Fail(context.Saga.Step!, reason(context.Message)));

    public static ExceptionActivityBinder<FlowSaga, T, UnresolvableInputException> FailNextStep<T>(
        this ExceptionActivityBinder<FlowSaga, T, UnresolvableInputException> binder)
        where T : class =>
        binder.ThenAsync(context => context.Fail(context.Saga.NextStep()!.Id, context.Exception.Message));

    /// <summary>What went wrong at last, in a sentence.</summary>
    public static string Reason<T>(this Fault<T> fault)
    {
        var exception = fault.Exceptions.FirstOrDefault();

        // MassTransit 8.5 wraps what a state machine throws into an exception that says no more than that it has thrown.
        while (exception is { InnerException: { } inner } && exception.ExceptionType.StartsWith("MassTransit.", StringComparison.Ordinal))
            exception = inner;

        return exception?.Message ?? "A message has failed for good. Its dead letter says why.";
    }

    /// <exception cref="UnusableResultException">The answer cannot be kept.</exception>
    static JsonNode? ReadBody(this BehaviorContext<FlowSaga, ApiCallSucceeded> context)
    {
        if (context.Message.Body is not { } body)
            return null;

        return JsonDoor.FindProblem(Encoding.UTF8.GetBytes(body.GetRawText()), context.Settings().MaxDepth) is { } problem
            ? throw new UnusableResultException($"The answer of '{context.Message.Address}' is wrong at {problem}")
            : JsonSerializer.SerializeToNode(body);
    }

    static void CompleteStep(this BehaviorContext<FlowSaga> context, JsonObject result, string detail)
    {
        context.Saga.KeepResult(context.Saga.Step!, result, context.Settings());
        context.Saga.Note(context.Saga.Step, FlowEvents.StepCompleted, context.Now(), detail);
    }

    static EventActivityBinder<FlowSaga, T> Complete<T>(this EventActivityBinder<FlowSaga, T> binder)
        where T : class =>
        binder.ThenAsync(async context =>
        {
            var flow = context.Saga;
            await context.PublishForTenant(new FlowCompleted(flow.CorrelationId, flow.SpecificationId, flow.TenantId));
            flow.EndedAt = context.Now();
            flow.WaitingSince = null;
            flow.Note(null, FlowEvents.FlowCompleted, context.Now());
            flow.Step = null;
        });

    static async Task Fail(this BehaviorContext<FlowSaga> context, string step, string why)
    {
        var (flow, reason) = (context.Saga, StorableText.Cut(StorableText.Of(why), LongestReason));
        await context.PublishForTenant(new FlowFailed(flow.CorrelationId, flow.SpecificationId, flow.TenantId, step, reason));
        flow.Step = step;
        flow.Failure = reason;
        flow.EndedAt = context.Now();
        flow.WaitingSince = null;
        flow.Note(step, FlowEvents.StepFailed, context.Now(), reason);
        flow.Note(null, FlowEvents.FlowFailed, context.Now());
    }

    static Task PublishForTenant<T>(this BehaviorContext<FlowSaga> context, T message)
        where T : class =>
        context.Publish(
            message,
            publish =>
            {
                // What cannot be read any more in the dead letters has its flow's id still, and so have its answers, as their initiator's.
                publish.CorrelationId = context.Saga.CorrelationId;
                publish.SetTenantId(context.Saga.TenantId);
            },
            context.CancellationToken);

    static OrchestrationSettings Settings(this ConsumeContext context) => context.GetServiceOrCreateInstance<OrchestrationSettings>();

    static DateTimeOffset Now(this ConsumeContext context) => context.GetServiceOrCreateInstance<TimeProvider>().GetUtcNow();
}
