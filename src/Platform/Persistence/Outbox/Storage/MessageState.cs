namespace Maestro.Bus.Persistence;

/// <summary>What a message in the outbox waits for. The database keeps the numbers.</summary>
enum MessageState : short
{
    /// <summary>Its turn.</summary>
    Ready = 0,

    /// <summary>Its destination to take messages again.</summary>
    Parked = 1,

    /// <summary>Somebody to look at it: its destination takes others and not this one.</summary>
    GivenUp = 2,
}
