namespace Maestro.Bus.Persistence;

/// <summary>A message that is handled in the transaction of its inbox, for what has no context to find it by.</summary>
interface IInboxTransaction
{
    /// <summary>The message's note, and its transaction.</summary>
    InboxEntry Entry { get; }
}
