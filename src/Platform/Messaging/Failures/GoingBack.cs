namespace Maestro.Bus.Messaging;

/// <summary>Marks a message that is on its way back to its own queue, with what has gone wrong so far.</summary>
sealed record GoingBack(FailureRecord Failures)
{
    /// <summary>Whether its broker has not taken it: it is not on its way any more.</summary>
    public bool IsRefused { get; set; }

    /// <summary>Whether its broker has taken it: this delivery of it has come to its end.</summary>
    public bool IsDone { get; set; }

    public static GoingBack? Of(ReceiveContext context) =>
        context.TryGetPayload(out GoingBack? returning) && !returning.IsRefused ? returning : null;

    public static bool Is(SendContext context) =>
        context.TryGetPayload(out ConsumeContext? consumed) && Of(consumed.ReceiveContext) is not null;
}
