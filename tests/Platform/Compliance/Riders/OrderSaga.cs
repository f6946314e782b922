namespace Maestro.Bus.Compliance;

public sealed class OrderSaga : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }

    public string CurrentState { get; set; } = "";
}

/// <summary>Generic, so that no bus finds it by itself.</summary>
public sealed class OrderStateMachine<TKey> : MassTransitStateMachine<OrderSaga>
{
    public OrderStateMachine(Received<Guid> closed)
    {
        InstanceState(order => order.CurrentState);
        Initially(When(Placed).TransitionTo(Open));
        During(Open, When(Closed).ThenAsync(context => closed.Add(context.Saga.CorrelationId)).Finalize());
    }

    public State Open { get; private set; } = null!;

    public Event<OrderPlaced> Placed { get; private set; } = null!;

    public Event<OrderClosed> Closed { get; private set; } = null!;
}
