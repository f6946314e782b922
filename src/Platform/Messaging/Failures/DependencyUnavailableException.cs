namespace Maestro.Bus.Messaging;

/// <summary>
/// What a consumer depends on is down or says that it cannot now: the message may well be handled later. Enough of them in a row open the
/// circuit breaker of the
/// <see cref="Dependency"/>, or of the queue where it is not named.
/// </summary>
public class DependencyUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>
    /// What is down, as <see cref="DependencyExtensions.Needs"/> names it; null if everything that the queue does depends on it.
    /// </summary>
    public string? Dependency { get; set; }

    /// <summary>
    /// How long the dependency wants to be left alone, such as an HTTP answer's <c>Retry-After</c>; null if it does not say. The next
    /// attempt comes no earlier.
    /// </summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Finds the exception on its own or among the causes of another one; null if it is not there.</summary>
    /// <param name="exception">What was thrown.</param>
    public static DependencyUnavailableException? In(Exception? exception) => exception switch
    {
        null => null,
        DependencyUnavailableException found => found,
        AggregateException several => several.InnerExceptions.Select(In).FirstOrDefault(found => found is not null),
        _ => In(exception.InnerException),
    };
}
