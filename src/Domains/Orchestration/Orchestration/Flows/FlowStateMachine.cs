namespace MaestroBus.Orchestration;

/// <summary>
/// Runs a flow's steps one after the other. Answers that come twice, late or for another step than the current one change nothing. A flow
/// always ends: when a message that it waits for ends in the dead letters, or is lost, it fails; when that message is retried there, or
/// turns up, the flow goes on.
/// </summary>
public sealed class FlowStateMachine : MassTransitStateMachine<FlowSaga>
{
    public FlowStateMachine()
    {
        InstanceState(flow => flow.CurrentState);

        Event(() => Start, start => start.CorrelateById(context => context.Message.FlowId));
        Event(() => StartFaulted, fault => fault.CorrelateById(context => context.Message.Message.FlowId));
        Event(() => CallSucceeded, answer => answer.ToFlow(context => context.Message.FlowId));
        Event(() => CallFailed, answer => answer.ToFlow(context => context.Message.FlowId));
        Event(() => CallFaulted, fault => fault.ToFlow(context => context.Message.Message.FlowId));
        Event(() => CallSucceededFaulted, fault => fault.ToFlow(context => context.Message.Message.FlowId));
        Event(() => CallFailedFaulted, fault => fault.ToFlow(context => context.Message.Message.FlowId));
        // A notification that no flow has asked for has no flow's id; its own finds none.
        Event(() => Sent, answer => answer.ToFlow(context => context.Message.FlowId ?? context.Message.NotificationId));
        Event(() => NotSent, answer => answer.ToFlow(context => context.Message.FlowId ?? context.Message.NotificationId));
        Event(() => SendFaulted,
            fault => fault.ToFlow(context => context.Message.Message.FlowId ?? context.Message.Message.NotificationId));
        Event(() => SentFaulted,
            fault => fault.ToFlow(context => context.Message.Message.FlowId ?? context.Message.Message.NotificationId));
        Event(() => NotSentFaulted,
            fault => fault.ToFlow(context => context.Message.Message.FlowId ?? context.Message.Message.NotificationId));
        Event(() => StartDeadLettered, start => start.CorrelateById(context => context.Message.FlowId));
        Event(() => StepDeadLettered, step => step.ToFlow(context => context.Message.FlowId));
        Event(() => Silent, silent => silent.ToFlow(context => context.Message.FlowId));

        Initially(
            Run(When(Start)),
            Fail(When(StartFaulted).FailStart()),
            Fail(When(StartDeadLettered).FailStart()));

        During(Running,
            Ignore(Start),
            Ignore(StartFaulted),
            Ignore(StartDeadLettered),
            Fail(When(StepDeadLettered, letter => letter.Message.StepId is null || letter.Saga.Step == letter.Message.StepId)
                .FailUnansweredStep(FlowEvents.StepDeadLettered, letter => letter.Reason)),
            Fail(When(Silent, silent => silent.Saga.WaitingSince == silent.Message.WaitingSince)
                .FailUnansweredStep(FlowEvents.StepSilent, silent => silent.Reason)),
            Complete(When(CallSucceeded, answer => answer.Saga.Step == answer.Message.StepId).CompleteStep()),
            Complete(When(Sent, answer => answer.Saga.Step == answer.Message.StepId).CompleteStep()),
            Fail(When(CallFailed, answer => answer.Saga.Step == answer.Message.StepId).FailStep(answer => answer.Reason)),
            Fail(When(NotSent, answer => answer.Saga.Step == answer.Message.StepId).FailStep(answer => answer.Reason)),
            Fail(When(CallFaulted, fault => fault.Saga.Step == fault.Message.Message.StepId)
                .FailUnansweredStep(FlowEvents.StepDeadLettered, fault => fault.Reason())),
            Fail(When(SendFaulted, fault => fault.Saga.Step == fault.Message.Message.StepId)
                .FailUnansweredStep(FlowEvents.StepDeadLettered, fault => fault.Reason())),
            Fail(When(CallSucceededFaulted, fault => fault.IsOfThisQueue() && fault.Saga.Step == fault.Message.Message.StepId)
                .FailUnansweredStep(FlowEvents.StepDeadLettered, fault => fault.Reason())),
            Fail(When(CallFailedFaulted, fault => fault.IsOfThisQueue() && fault.Saga.Step == fault.Message.Message.StepId)
                .FailUnansweredStep(FlowEvents.StepDeadLettered, fault => fault.Reason())),
            Fail(When(SentFaulted, fault => fault.IsOfThisQueue() && fault.Saga.Step == fault.Message.Message.StepId)
                .FailUnansweredStep(FlowEvents.StepDeadLettered, fault => fault.Reason())),
            Fail(When(NotSentFaulted, fault => fault.IsOfThisQueue() && fault.Saga.Step == fault.Message.Message.StepId)
                .FailUnansweredStep(FlowEvents.StepDeadLettered, fault => fault.Reason())));

        During(Failed,
            Run(When(Start, start => !start.Saga.HasBegun())),
            Complete(When(CallSucceeded, answer => answer.Saga.IsUnanswered(answer.Message.StepId)).Resume().CompleteStep()),
            Complete(When(Sent, answer => answer.Saga.IsUnanswered(answer.Message.StepId)).Resume().CompleteStep()),
            Fail(When(CallFailed, answer => answer.Saga.IsUnanswered(answer.Message.StepId)).Resume().FailStep(answer => answer.Reason)),
            Fail(When(NotSent, answer => answer.Saga.IsUnanswered(answer.Message.StepId)).Resume().FailStep(answer => answer.Reason)));

        During(Completed,
            Ignore(Start),
            Ignore(CallSucceeded),
            Ignore(CallFailed),
            Ignore(Sent),
            Ignore(NotSent));

        During(Completed, Failed,
            Ignore(StartFaulted),
            Ignore(StartDeadLettered),
            Ignore(StepDeadLettered),
            Ignore(Silent),
            Ignore(CallFaulted),
            Ignore(CallSucceededFaulted),
            Ignore(CallFailedFaulted),
            Ignore(SendFaulted),
            Ignore(SentFaulted),
            Ignore(NotSentFaulted));
    }

    public State Running { get; private set; } = null!;

    public State Completed { get; private set; } = null!;

    public State Failed { get; private set; } = null!;

    public Event<StartFlow> Start { get; private set; } = null!;

    public Event<Fault<StartFlow>> StartFaulted { get; private set; } = null!;

    public Event<ApiCallSucceeded> CallSucceeded { get; private set; } = null!;

    public Event<ApiCallFailed> CallFailed { get; private set; } = null!;

    public Event<Fault<CallApi>> CallFaulted { get; private set; } = null!;

    public Event<Fault<ApiCallSucceeded>> CallSucceededFaulted { get; private set; } = null!;

    public Event<Fault<ApiCallFailed>> CallFailedFaulted { get; private set; } = null!;

    public Event<NotificationSent> Sent { get; private set; } = null!;

    public Event<NotificationFailed> NotSent { get; private set; } = null!;

    public Event<Fault<SendNotification>> SendFaulted { get; private set; } = null!;

    public Event<Fault<NotificationSent>> SentFaulted { get; private set; } = null!;

    public Event<Fault<NotificationFailed>> NotSentFaulted { get; private set; } = null!;

    public Event<FlowStartDeadLettered> StartDeadLettered { get; private set; } = null!;

    public Event<FlowStepDeadLettered> StepDeadLettered { get; private set; } = null!;

    public Event<FlowSilent> Silent { get; private set; } = null!;

    EventActivityBinder<FlowSaga, StartFlow> Run(EventActivityBinder<FlowSaga, StartFlow> start) =>
        start
            .Check()
            .Begin()
            .PublishFlowStarted()
            .CheckSize()
            .RunNextStep()
            .TransitionTo(Running)
            .Catch<UnresolvableInputException>(unresolvable => unresolvable.FailNextStep().TransitionTo(Failed));

    EventActivityBinder<FlowSaga, T> Complete<T>(EventActivityBinder<FlowSaga, T> completed)
        where T : class =>
        completed.Proceed(Running, Completed, Failed).CatchUnusableResult(Failed);

    EventActivityBinder<FlowSaga, T> Fail<T>(EventActivityBinder<FlowSaga, T> failed)
        where T : class =>
        failed.TransitionTo(Failed);
}
