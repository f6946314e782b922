namespace Maestro.Bus.Messaging;

/// <summary>
/// The message cannot be handled yet, through no fault of its own: it goes back to its queue for a time, and that counts as no attempt.
/// </summary>
public sealed class PostponedException(string reason, TimeSpan delay) : Exception(reason)
{
    /// <summary>How long it stays away.</summary>
    public TimeSpan Delay => delay;
}
