using System.Text.Json;
using System.Text.Json.Nodes;

namespace MaestroBus.Orchestration;

/// <summary>
/// The steps of <see cref="FlowStateMachine"/>. Each publishes first and changes the state after it, and can be repeated: a message whose
/// publishing has failed is delivered again, and must find the flow where it was.
/// </summary>
static class FlowSteps
{
    public static void ToFlow<T>(this IEventCorrelationConfigurator<FlowSaga, T> answer, Func<ConsumeContext<T>, Guid> flowId)
        where T : class =>
        answer.CorrelateById(flowId).OnMissingInstance(missing => missing.Discard());

    public static EventActivityBinder<FlowSaga, StartFlow> CheckSpecification(this EventActivityBinder<FlowSaga, StartFlow> binder) =>
        binder.Then(context => FlowSpecificationReader.Check(context.Message.Specification));

    public static EventActivityBinder<FlowSaga, StartFlow> Begin(this EventActivityBinder<FlowSaga, StartFlow> binder) =>
        binder.Then(context =>
        {
            var (flow, start) = (context.Saga, context.Message);
            flow.SpecificationId = start.Specification.Id;
            flow.Specification = JsonSerializer.Serialize(start.Specification, JsonSerializerOptions.Web);
            flow.TenantId = start.TenantId;
            flow.Trigger = start.Trigger?.GetRawText();
            flow.StartedAt = context.Now();
            flow.Note(null, FlowEvents.FlowStarted, context.Now());
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
            var input = StepInput.Resolve(specification, step, flow.ReadData(specification));
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
            flow.Note(step.Id, FlowEvents.StepStarted, context.Now(), detail);
        });

    public static EventActivityBinder<FlowSaga, ApiCallSucceeded> CompleteStep(this EventActivityBinder<FlowSaga, ApiCallSucceeded> binder) =>
        binder.Then(context => context.CompleteStep(
            new JsonObject { ["status"] = context.Message.Status, ["body"] = JsonSerializer.SerializeToNode(context.Message.Body) },
            $"{context.Message.Status} after {context.Message.Duration.TotalMilliseconds:0} ms"));

    public static EventActivityBinder<FlowSaga, NotificationSent> CompleteStep(this EventActivityBinder<FlowSaga, NotificationSent> binder) =>
        binder.Then(context => context.CompleteStep(
            new JsonObject { ["channel"] = context.Message.Channel, ["recipient"] = context.Message.Recipient },
            $"{context.Message.Channel} to {context.Message.Recipient}"));

    public static EventActivityBinder<FlowSaga, T> Proceed<T>(this EventActivityBinder<FlowSaga, T> binder, State completed, State failed)
        where T : class =>
        binder.IfElse(
            context => context.Saga.NextStep() is not null,
            more => more.RunNextStep().Catch<UnresolvableInputException>(unresolvable => unresolvable.FailNextStep().TransitionTo(failed)),
            done => done.Complete().TransitionTo(completed));

    public static EventActivityBinder<FlowSaga, T> FailStep<T>(this EventActivityBinder<FlowSaga, T> binder, Func<T, string> reason)
        where T : class =>
        binder.ThenAsync(context => context.Fail(context.Saga.Step!, reason(context.Message)));

    public static ExceptionActivityBinder<FlowSaga, T, UnresolvableInputException> FailNextStep<T>(
        this ExceptionActivityBinder<FlowSaga, T, UnresolvableInputException> binder)
        where T : class =>
        binder.ThenAsync(context => context.Fail(context.Saga.NextStep()!.Id, context.Exception.Message));

    /// <summary>What went wrong at last, in a sentence.</summary>
    public static string Reason<T>(this Fault<T> fault) =>
        fault.Exceptions.FirstOrDefault()?.Message ?? "The adapter has failed for good. Its dead letter says why.";

    static void CompleteStep(this BehaviorContext<FlowSaga> context, JsonObject result, string detail)
    {
        context.Saga.KeepResult(context.Saga.Step!, result);
        context.Saga.Note(context.Saga.Step, FlowEvents.StepCompleted, context.Now(), detail);
    }

    static EventActivityBinder<FlowSaga, T> Complete<T>(this EventActivityBinder<FlowSaga, T> binder)
        where T : class =>
        binder.ThenAsync(async context =>
        {
            var flow = context.Saga;
            await context.PublishForTenant(new FlowCompleted(flow.CorrelationId, flow.SpecificationId, flow.TenantId));
            flow.EndedAt = context.Now();
            flow.Note(null, FlowEvents.FlowCompleted, context.Now());
            flow.Step = null;
        });

    static async Task Fail(this BehaviorContext<FlowSaga> context, string step, string reason)
    {
        var flow = context.Saga;
        await context.PublishForTenant(new FlowFailed(flow.CorrelationId, flow.SpecificationId, flow.TenantId, step, reason));
        flow.Step = step;
        flow.Failure = reason;
        flow.EndedAt = context.Now();
        flow.Note(step, FlowEvents.StepFailed, context.Now(), reason);
        flow.Note(null, FlowEvents.FlowFailed, context.Now());
    }

    static Task PublishForTenant<T>(this BehaviorContext<FlowSaga> context, T message)
        where T : class =>
        context.Publish(message, publish => publish.SetTenantId(context.Saga.TenantId), context.CancellationToken);

    static DateTimeOffset Now(this ConsumeContext context) => context.GetServiceOrCreateInstance<TimeProvider>().GetUtcNow();
}
