namespace Maestro.Bus.Persistence;

/// <summary>What has become of messages.</summary>
sealed class Settled
{
    /// <summary>They are safe with the broker.</summary>
    public List<WaitingMessage> Sent { get; } = [];

    /// <summary>They wait because their destination is blocked.</summary>
    public List<WaitingMessage> Parked { get; } = [];

    /// <summary>Their destination did not take them.</summary>
    public List<WaitingMessage> Refused { get; } = [];

    /// <summary>Their destination takes others and did not take them, often enough.</summary>
    public List<WaitingMessage> GivenUp { get; } = [];

    public bool IsEmpty => Sent.Count + Parked.Count + Refused.Count + GivenUp.Count == 0;
}
