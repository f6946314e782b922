namespace MaestroBus.Messaging;

/// <summary>Marks a message that is on its way back to its own queue, with what has gone wrong so far.</summary>
sealed record GoingBack(FailureRecord Failures)
{
    public static bool Is(SendContext context) => context.TryGetPayload(out ConsumeContext? consumed) && consumed.ReceiveContext.TryGetPayload(out GoingBack? _);
}
