namespace Maestro.Bus.Messaging;

/// <summary>
/// Takes dead letters into the bus's database; a service of a host that has one. The queues' own come in by themselves. Whatever else has
/// some, such as a rider, adds them here:
/// <code>
/// await intake.Add([new DeadLetter
/// {
///     Key = $"kafka:{topic}:{partition}:{offset}",   // added twice, it is there once
///     Queue = topic,
///     Address = new Uri($"kafka:{topic}"),           // a retry goes there by the outbox and the IOutboxTransport that knows the address
///     Reason = DeadLetterReason.Unreadable,
///     FailedAt = time.GetUtcNow(),
///     Headers = headers,
///     Body = bytes,
/// }], cancellationToken);
/// </code>
/// When it returns they are safe, and may be forgotten where they were.
/// </summary>
public interface IDeadLetterIntake
{
    /// <summary>Adds dead letters in one transaction. Those whose key is known are left out.</summary>
    /// <returns>How many were new.</returns>
    Task<int> Add(IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken);
}
