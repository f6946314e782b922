using System.Diagnostics;

namespace Maestro.Bus.Admin.Chaos;

/// <summary>Fails with what is not right yet, and leaves an effect of everything else.</summary>
public sealed class PoisonConsumer(Effects effects, Remedies remedies) : IConsumer<Poison>
{
    public Task Consume(ConsumeContext<Poison> context)
    {
        var message = context.Message;
        if (!remedies.Has(message.Kind))
            Fail(message);

        effects.Add(
            new Effect
            {
                Kind = message.Kind,
                Number = message.Number,
                Text = message.Text,
                Queue = context.ReceiveContext.InputAddress.AbsolutePath.Split('/')[^1],
            });
        return Task.CompletedTask;
    }

    static void Fail(Poison message)
    {
        switch (message.Kind)
        {
            case "timeout":
                throw new TimeoutException($"The number {message.Number} took too long.");
            case "wrapped":
                Wrap(message);
                break;
            case "fatal":
                Process.GetCurrentProcess().Kill();
                break;
            case "invalid":
                throw new InvalidMessageException($"The number {message.Number} is not valid.");
            default:
                throw new InvalidOperationException($"The number {message.Number} cannot be.");
        }
    }

    static void Wrap(Poison message)
    {
        try
        {
            throw new FormatException($"The number {message.Number} has no form.");
        }
        catch (FormatException exception)
        {
            throw new InvalidOperationException("It is worse than it looks.", exception);
        }
    }
}
