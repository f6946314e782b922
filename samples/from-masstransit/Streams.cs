namespace Acme.Orders;

public class OrderAcceptedConsumer(ITopicProducer<string, AcceptedOrder> accepted) : IConsumer<OrderAccepted>
{
    public Task Consume(ConsumeContext<OrderAccepted> context) => accepted.Produce(
        $"{context.Message.OrderId}", new AcceptedOrder(context.Message.OrderId, context.Message.Customer), context.CancellationToken);
}

public class BankTransferConsumer : IConsumer<BankTransfer>
{
    public Task Consume(ConsumeContext<BankTransfer> context) => context.Publish(new PaymentReceived(context.Message.OrderId));
}
