namespace Acme.Orders;

public class SubmitOrderConsumer(OrdersDbContext orders, IHostEnvironment environment) : IConsumer<SubmitOrder>
{
    public async Task Consume(ConsumeContext<SubmitOrder> context)
    {
        var (id, customer, amount, payWithin) = context.Message;
        orders.Add(new Order { Id = id, Customer = customer, Amount = amount });
        orders.Note(id, "submit", context, environment);
        await context.Publish(new OrderSubmitted(id, customer, amount, payWithin));
        await orders.SaveChangesAsync(context.CancellationToken);
    }
}

public class ReserveStockConsumer(OrdersDbContext orders, IHostEnvironment environment) : IConsumer<ReserveStock>
{
    public async Task Consume(ConsumeContext<ReserveStock> context)
    {
        orders.Note(context.Message.OrderId, "reserve", context, environment);
        await context.Publish(new StockReserved(context.Message.OrderId));
        await orders.SaveChangesAsync(context.CancellationToken);
    }
}

public class CheckCreditConsumer(OrdersDbContext orders, IHostEnvironment environment) : IConsumer<CheckCredit>
{
    public async Task Consume(ConsumeContext<CheckCredit> context)
    {
        orders.Note(context.Message.OrderId, "check", context, environment);
        await context.Publish(new CreditApproved(context.Message.OrderId));
        await orders.SaveChangesAsync(context.CancellationToken);
    }
}

static class Journal
{
    public static void Note(
        this OrdersDbContext orders, Guid order, string what, ConsumeContext context, IHostEnvironment environment) =>
        orders.Add(new JournalEntry
        {
            OrderId = order,
            What = what,
            MessageId = context.MessageId!.Value,
            Application = environment.ApplicationName,
        });
}
