namespace Acme.Orders;

public class OrderStateMachine : MassTransitStateMachine<OrderState>
{
    public OrderStateMachine()
    {
        InstanceState(order => order.CurrentState);
        Event(() => OrderSubmitted, x => x.CorrelateById(context => context.Message.OrderId));
        Event(() => StockReserved, x => x.CorrelateById(context => context.Message.OrderId));
        Event(() => CreditApproved, x => x.CorrelateById(context => context.Message.OrderId));
        Event(() => PaymentReceived, x => x.CorrelateById(context => context.Message.OrderId));
        Schedule(() => PaymentTimeout, order => order.PaymentTimeoutTokenId, x =>
            x.Received = received => received.CorrelateById(context => context.Message.OrderId));

        Initially(
            When(OrderSubmitted)
                .Then(context =>
                {
                    context.Saga.Customer = context.Message.Customer;
                    context.Saga.PayWithin = context.Message.PayWithin;
                })
                .Publish(context => new ReserveStock(context.Message.OrderId))
                .Publish(context => new CheckCredit(context.Message.OrderId, context.Message.Customer, context.Message.Amount))
                .TransitionTo(Submitted));

        CompositeEvent(() => OrderChecked, order => order.Checks, StockReserved, CreditApproved);
        During(Submitted,
            When(OrderChecked)
                .Schedule(PaymentTimeout, context => new PaymentTimedOut(context.Saga.CorrelationId), context => context.Saga.PayWithin)
                .Publish(context => new OrderAccepted(context.Saga.CorrelationId, context.Saga.Customer))
                .TransitionTo(Accepted));

        During(Accepted,
            When(PaymentReceived)
                .Unschedule(PaymentTimeout)
                .Publish(context => new OrderPaid(context.Saga.CorrelationId))
                .TransitionTo(Paid),
            When(PaymentTimeout.Received)
                .Publish(context => new OrderCancelled(context.Saga.CorrelationId))
                .TransitionTo(Cancelled));
    }

    public State Submitted { get; private set; } = null!;

    public State Accepted { get; private set; } = null!;

    public State Paid { get; private set; } = null!;

    public State Cancelled { get; private set; } = null!;

    public Event<OrderSubmitted> OrderSubmitted { get; private set; } = null!;

    public Event<StockReserved> StockReserved { get; private set; } = null!;

    public Event<CreditApproved> CreditApproved { get; private set; } = null!;

    public Event OrderChecked { get; private set; } = null!;

    public Event<PaymentReceived> PaymentReceived { get; private set; } = null!;

    public Schedule<OrderState, PaymentTimedOut> PaymentTimeout { get; private set; } = null!;
}
