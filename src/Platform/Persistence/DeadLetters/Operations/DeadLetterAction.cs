namespace Maestro.Bus.Persistence;

/// <summary>Something to do with dead letters.</summary>
/// <param name="Kind">What.</param>
/// <param name="By">Who does it.</param>
/// <param name="Target">The queue to redirect to.</param>
public sealed record DeadLetterAction(DeadLetterActionKind Kind, string By, string? Target = null)
{
    /// <summary>The address that it is redirected to; null if each goes to its own.</summary>
    internal string? Destination => Target is null ? null : $"queue:{Target}";

    /// <summary>The state that a dead letter must be in; any, for deleting it.</summary>
    internal DeadLetterState? From => Kind switch
    {
        DeadLetterActionKind.Restore => DeadLetterState.Discarded,
        DeadLetterActionKind.Purge => null,
        _ => DeadLetterState.Waiting,
    };

    /// <summary>The state that it is in afterwards.</summary>
    internal DeadLetterState To => Kind switch
    {
        DeadLetterActionKind.Retry => DeadLetterState.Retried,
        DeadLetterActionKind.Redirect => DeadLetterState.Redirected,
        DeadLetterActionKind.Discard => DeadLetterState.Discarded,
        _ => DeadLetterState.Waiting,
    };

    /// <summary>Which of the meant dead letters it can be done with.</summary>
    internal DeadLetterFilter Of(DeadLetterFilter filter) => From is { } state ? filter with { State = state } : filter;
}
