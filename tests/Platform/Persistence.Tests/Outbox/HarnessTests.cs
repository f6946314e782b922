namespace Maestro.Bus.Persistence.Tests;

public sealed class HarnessTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_harness_sees_what_is_published_through_the_outbox_without_sleeping()
    {
        await using var shop = await DomainHarness.Start<ShopDomain>();

        await using (var scope = shop.Services.CreateAsyncScope())
        {
            var context = scope.ServiceProvider.GetRequiredService<ShopContext>();
            context.Add(new Order { Number = 1 });
            await scope.ServiceProvider.GetRequiredService<IOutbox<ShopContext>>().Publish(new OrderPlaced(1), Cancellation);
            await context.SaveChangesAsync(Cancellation);
        }

        await shop.Bus.UntilConsumed<OrderPlaced>(Cancellation, order => order.Number == 1);
    }

    [Fact]
    public async Task A_harness_sees_what_a_consumer_has_published_once_its_effects_are_committed()
    {
        await using var shop = await DomainHarness.Start<ShopDomain>();

        await shop.Bus.Bus.Publish(new PlaceOrder(2), Cancellation);

        await shop.Bus.UntilConsumed<OrderPlaced>(Cancellation, order => order.Number == 2);
        await shop.Bus.UntilConsumed<PlaceOrder>(Cancellation);
        await using var scope = shop.Services.CreateAsyncScope();
        Assert.Equal(
            1, await scope.ServiceProvider.GetRequiredService<ShopContext>().Orders.CountAsync(order => order.Number == 2, Cancellation));
    }
}
