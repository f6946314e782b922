namespace Maestro.Bus.Persistence.Tests;

/// <summary>An order that takes until it is cancelled, the first time.</summary>
public sealed record PlaceSlowOrder(int Number);

/// <summary>Writes and publishes before it is cancelled.</summary>
public sealed class PlaceSlowOrderConsumer(ShopContext context, Received received) : IConsumer<PlaceSlowOrder>
{
    public async Task Consume(ConsumeContext<PlaceSlowOrder> message)
    {
        var number = message.Message.Number;
        context.Add(new Order { Number = number });
        await context.SaveChangesAsync(message.CancellationToken);
        await message.Publish(new OrderPlaced(number), message.CancellationToken);
        context.Add(new Order { Number = number });

        if (received.Attempts.AddOrUpdate(number, 1, (_, attempts) => attempts + 1) == 1)
            await new TaskCompletionSource().Task.WaitAsync(message.CancellationToken);
    }
}
