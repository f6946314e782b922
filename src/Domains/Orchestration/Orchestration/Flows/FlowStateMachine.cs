namespace MaestroBus.Orchestration;

/// <summary>Runs a flow's steps one after the other. Answers that come twice, late or for another step than the current one change nothing.</summary>
public sealed class FlowStateMachine : MassTransitStateMachine<FlowSaga>
{
    public FlowStateMachine()
    {
        InstanceState(flow => flow.CurrentState);

        Event(() => Start, start => start.CorrelateById(context => context.Message.FlowId));
        Event(() => CallSucceeded, answer => answer.ToFlow(context => context.Message.FlowId));
        Event(() => CallFailed, answer => answer.ToFlow(context => context.Message.FlowId));
        Event(() => CallFaulted, answer => answer.ToFlow(context => context.Message.Message.FlowId));
        // A notification that no flow has asked for has no flow's id; its own finds none.
        Event(() => Sent, answer => answer.ToFlow(context => context.Message.FlowId ?? context.Message.NotificationId));
        Event(() => NotSent, answer => answer.ToFlow(context => context.Message.FlowId ?? context.Message.NotificationId));
        Event(() => SendFaulted, answer => answer.ToFlow(context => context.Message.Message.FlowId ?? context.Message.Message.NotificationId));

        Initially(
            When(Start)
                .CheckSpecification()
                .Begin()
                .PublishFlowStarted()
                .RunNextStep()
                .TransitionTo(Running)
                .Catch<UnresolvableInputException>(unresolvable => unresolvable.FailNextStep().TransitionTo(Failed)));

        During(Running,
            Ignore(Start),
            When(CallSucceeded, answer => answer.Saga.Step == answer.Message.StepId)
                .CompleteStep()
                .Proceed(Completed, Failed),
            When(CallFailed, answer => answer.Saga.Step == answer.Message.StepId)
                .FailStep(answer => answer.Reason)
                .TransitionTo(Failed),
            When(CallFaulted, answer => answer.Saga.Step == answer.Message.Message.StepId)
                .FailStep(answer => answer.Reason())
                .TransitionTo(Failed),
            When(Sent, answer => answer.Saga.Step == answer.Message.StepId)
                .CompleteStep()
                .Proceed(Completed, Failed),
            When(NotSent, answer => answer.Saga.Step == answer.Message.StepId)
                .FailStep(answer => answer.Reason)
                .TransitionTo(Failed),
            When(SendFaulted, answer => answer.Saga.Step == answer.Message.Message.StepId)
                .FailStep(answer => answer.Reason())
                .TransitionTo(Failed));

        During(Completed, Failed,
            Ignore(Start),
            Ignore(CallSucceeded),
            Ignore(CallFailed),
            Ignore(CallFaulted),
            Ignore(Sent),
            Ignore(NotSent),
            Ignore(SendFaulted));
    }

    public State Running { get; private set; } = null!;

    public State Completed { get; private set; } = null!;

    public State Failed { get; private set; } = null!;

    public Event<StartFlow> Start { get; private set; } = null!;

    public Event<ApiCallSucceeded> CallSucceeded { get; private set; } = null!;

    public Event<ApiCallFailed> CallFailed { get; private set; } = null!;

    public Event<Fault<CallApi>> CallFaulted { get; private set; } = null!;

    public Event<NotificationSent> Sent { get; private set; } = null!;

    public Event<NotificationFailed> NotSent { get; private set; } = null!;

    public Event<Fault<SendNotification>> SendFaulted { get; private set; } = null!;
}
