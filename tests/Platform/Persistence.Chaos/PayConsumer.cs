namespace Maestro.Bus.Persistence.Chaos;

/// <summary>A payment that is made once, however often it is asked for.</summary>
/// <param name="Account">Whose it is.</param>
/// <param name="Amount">How much it is.</param>
/// <param name="Hangs">Whether whoever makes it never comes to an end.</param>
/// <param name="Note">What is said about it, and is not critical.</param>
public sealed record Pay(string Account, int Amount, bool Hangs = false, string Note = "");

/// <summary>A payment was made.</summary>
public sealed record Paid(Guid Receipt);

/// <summary>Makes payments.</summary>
[Idempotent(nameof(Pay.Account), nameof(Pay.Amount))]
public sealed class PayConsumer(ChaosContext context) : IConsumer<Pay>
{
    public async Task Consume(ConsumeContext<Pay> message)
    {
        context.Add(new Handled { Key = message.Message.Account, Value = message.Message.Amount });
        if (message.Message.Hangs && Environment.GetEnvironmentVariable("HANGS") is not null)
        {
            Console.WriteLine("hangs");
            await Task.Delay(Timeout.Infinite, message.CancellationToken);
        }

        await context.SaveChangesAsync(message.CancellationToken);
        await message.RespondAsync(new Paid(NewId.NextGuid()));
    }
}
