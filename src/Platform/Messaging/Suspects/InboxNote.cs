namespace Maestro.Bus.Messaging;

/// <summary>
/// Takes what an inbox knows of a suspect: a payload of the suspect, so that a healthy message does not cost one.
/// </summary>
public sealed class InboxNote
{
    readonly Lock _lock = new();
    InboxAnswer? _answer;
    bool _isAmbiguous;

    /// <summary>Gets what the inbox has said; null if nothing, or if several consumers have handled the message.</summary>
    public InboxAnswer? Answer
    {
        get
        {
            lock (_lock)
                return _isAmbiguous ? null : _answer;
        }
    }

    /// <summary>Notes that a consumer has handled the message.</summary>
    public void Add(InboxAnswer answer)
    {
        lock (_lock)
        {
            _isAmbiguous |= _answer is { } known && known.Consumer != answer.Consumer;
            _answer = answer;
        }
    }
}

/// <summary>What an inbox knows of a message that was delivered.</summary>
/// <param name="Message">The message's id.</param>
/// <param name="Consumer">What the inbox calls the consumer, the same in each process.</param>
/// <param name="IsNew">Whether the consumer has handled the message now, and not before.</param>
public sealed record InboxAnswer(Guid Message, Guid Consumer, bool IsNew);
