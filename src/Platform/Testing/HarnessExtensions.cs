namespace Maestro.Bus.Testing;

/// <summary>
/// Waits for what a harness has seen. The harness itself gives up once nothing has happened for a few seconds, which a machine that does
/// much else takes for a single step.
/// </summary>
public static class HarnessExtensions
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Waits until a message has been published.</summary>
    /// <exception cref="TimeoutException">It has not been within a minute.</exception>
    public static Task UntilPublished<T>(this ITestHarness harness, CancellationToken cancellationToken, Func<T, bool>? filter = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(harness);
        return Eventually.True(
            () => harness.Published.Any<T>(message => filter?.Invoke(message.Context.Message) != false, cancellationToken),
            Patience, $"a published {typeof(T).Name}", cancellationToken);
    }

    /// <summary>Waits until a message has been consumed.</summary>
    /// <exception cref="TimeoutException">It has not been within a minute.</exception>
    public static Task UntilConsumed<T>(this ITestHarness harness, CancellationToken cancellationToken, Func<T, bool>? filter = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(harness);
        return Eventually.True(
            () => harness.Consumed.Any<T>(message => filter?.Invoke(message.Context.Message) != false, cancellationToken),
            Patience, $"a consumed {typeof(T).Name}", cancellationToken);
    }
}
