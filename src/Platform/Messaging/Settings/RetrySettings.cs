using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace Maestro.Bus.Messaging;

/// <summary>The settings of the section <c>Bus:Retry</c>.</summary>
public sealed class RetrySettings : IValidatableObject
{
    /// <summary>The name of the section.</summary>
    public const string Section = "Retry";

    // Those who were all sent away at once should not all come back at once.
    const double Spread = 0.05;

    /// <summary>
    /// The longest time that a dependency can ask to be left alone, such as with an HTTP answer's <c>Retry-After</c>, from 0 seconds to 1
    /// day. Up to it the next attempt
    /// comes no earlier than the dependency asks, also beyond <see cref="QueuePolicy.MaxRetryDelay"/>.
    /// </summary>
    /// <value>The default is 1 hour.</value>
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Lengthens the delay before the next attempt to what a dependency asks for.</summary>
    /// <param name="planned">The delay by the retry policy.</param>
    /// <param name="exception">What the last attempt has thrown: a <see cref="DependencyUnavailableException"/>, on its own or among the
    /// causes, may ask for time.</param>
    public TimeSpan DelayAfter(TimeSpan planned, Exception exception)
    {
        if (DependencyUnavailableException.In(exception)?.RetryAfter is not { } asked || asked <= TimeSpan.Zero)
            return planned;

        var spread = (asked < MaxRetryAfter ? asked : MaxRetryAfter) * (1 + (Random.Shared.NextDouble() * Spread));
        var earliest = spread < MaxRetryAfter ? spread : MaxRetryAfter;
        return planned > earliest ? planned : earliest;
    }

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (MaxRetryAfter < TimeSpan.Zero || MaxRetryAfter > TimeSpan.FromDays(1))
            yield return new ValidationResult("Use a duration from 0s to 1d, such as 1h.", [nameof(MaxRetryAfter)]);
    }
}
