namespace Acme.Orders;

public static class OrdersApi
{
    public static void MapOrders(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/orders", async (SubmitOrder order, OrdersDbContext orders, IPublishEndpoint publish) =>
        {
            orders.Add(new Order { Id = order.OrderId, Customer = order.Customer, Amount = order.Amount });
            await publish.Publish(new OrderSubmitted(order.OrderId, order.Customer, order.Amount, order.PayWithin));
            await orders.SaveChangesAsync();
            return Results.Accepted();
        });
}
