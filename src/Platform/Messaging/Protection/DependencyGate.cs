namespace Maestro.Bus.Messaging;

/// <summary>Where one attempt at a message says which of its queue's dependencies it needs.</summary>
sealed class DependencyGate(QueueControl control)
{
    CircuitBreaker? _entered;
    Turn _turn;

    /// <summary>Enters a dependency.</summary>
    /// <returns>Whether the message is to find out whether the dependency is back.</returns>
    /// <exception cref="PostponedException">The dependency is down: the message comes back later.</exception>
    public bool Enter(string dependency)
    {
        var breaker = control.BreakerOf(dependency);
        if (breaker.TryEnter() is not { } turn)
            throw new PostponedException($"'{dependency}' is down: {breaker.Pause?.Reason}", breaker.TimeUntilReturn());

        if (_entered != breaker)
            Leave();

        (_entered, _turn) = (breaker, turn);
        return turn == Turn.Probe;
    }

    public void Succeeded()
    {
        _entered?.Succeeded(_turn);
        _entered = null;
    }

    /// <summary>The attempt has ended in a way that tells nothing about the dependency.</summary>
    public void Leave()
    {
        _entered?.ToldNothing(_turn);
        _entered = null;
    }

    /// <summary>
    /// Chooses the breaker that an outage belongs to, and how the message came to it: that of the dependency that the exception names, or
    /// else the queue's.
    /// </summary>
    public (CircuitBreaker Breaker, Turn Turn) Of(Exception exception, Turn turn)
    {
        if (DependencyUnavailableException.In(exception)?.Dependency is not { } name)
            return (control.Breaker, turn);

        var breaker = control.BreakerOf(name);
        if (breaker != _entered)
            return (breaker, Turn.Go);

        _entered = null;
        return (breaker, _turn);
    }
}

/// <summary>Lets a consumer say what it depends on.</summary>
public static class DependencyExtensions
{
    /// <summary>
    /// Says, before any effect, that the message needs a dependency which has a circuit breaker of its own within the queue. While that
    /// is open, the message goes back to its
    /// queue without counting an attempt and without holding a slot, and messages that need other dependencies go on. A <see
    /// cref="DependencyUnavailableException"/> that
    /// names the dependency opens it.
    /// </summary>
    /// <param name="context">The message.</param>
    /// <param name="dependency">The name of the dependency, such as that of a configured address. Few names, none of which comes from a
    /// message unchecked.</param>
    /// <exception cref="PostponedException">The dependency is down. Let it pass.</exception>
    public static void Needs(this ConsumeContext context, string dependency)
    {
        if (context.TryGetPayload(out DependencyGate? gate) && gate.Enter(dependency))
            context.GetOrAddPayload(() => new Probing());
    }
}
