namespace Maestro.Bus.Messaging;

/// <summary>Keeps who handles a message, and what came of it.</summary>
public interface IIdempotencyStore
{
    /// <summary>
    /// Claims a message for a run, unless it or its neighbour is claimed or done. A claim whose lease is over is taken over.
    /// </summary>
    Task<ClaimAnswer> Claim(IdempotencyKey key, Guid run, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Extends a run's claim.</summary>
    Task Renew(IdempotencyKey key, Guid run, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Keeps what came of a run; <c>false</c> where the claim has been taken over.</summary>
    Task<bool> Complete(IdempotencyKey key, Guid run, byte[] results, TimeSpan retention, CancellationToken cancellationToken);

    /// <summary>Gives a claim up, so that the message can be handled by another run.</summary>
    Task Release(IdempotencyKey key, Guid run, CancellationToken cancellationToken);

    /// <summary>Deletes what is kept no longer.</summary>
    Task DeleteExpired(CancellationToken cancellationToken);
}

/// <summary>What came of an attempt to claim a message.</summary>
/// <param name="Claim">Whose the message is.</param>
/// <param name="Results">What came of it, where it is done.</param>
public sealed record ClaimAnswer(ClaimState Claim, byte[]? Results = null);

/// <summary>Whose a message is.</summary>
public enum ClaimState
{
    /// <summary>It is this run's.</summary>
    Mine,

    /// <summary>It is this run's, whose predecessor has died.</summary>
    TakenOver,

    /// <summary>Another run is at it.</summary>
    Busy,

    /// <summary>It is done.</summary>
    Done,
}
