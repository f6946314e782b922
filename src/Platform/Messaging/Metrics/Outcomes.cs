namespace Maestro.Bus.Messaging;

/// <summary>How a message has come to an end.</summary>
enum ConsumedOutcome
{
    /// <summary>Its consumers have handled it, and that is committed.</summary>
    Handled,

    /// <summary>It had been handled before, and its consumers were not run.</summary>
    Duplicate,

    /// <summary>It is in the dead letters.</summary>
    DeadLettered,

    /// <summary>It was dropped, as the host keeps no dead letters.</summary>
    Discarded,
}

/// <summary>What became of a message whose attempt has failed.</summary>
enum FailedOutcome
{
    /// <summary>It is tried again, and has one attempt less.</summary>
    Retried,

    /// <summary>It is tried again and has lost no attempt: what it depends on is away.</summary>
    Returned,

    /// <summary>It is not tried again, and goes to the dead letters where the host keeps any.</summary>
    DeadLettered,
}
