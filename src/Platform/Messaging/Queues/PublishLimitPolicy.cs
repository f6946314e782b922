using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace Maestro.Bus.Messaging;

/// <summary>How many messages of a type, or to a queue, one process may send, <c>Bus:PublishLimits:{message type or queue}</c>.</summary>
public sealed record PublishLimitPolicy : RateLimitPolicy
{
    /// <summary>How long a sender waits for its turn before it gets a <see cref="PublishLimitException"/>.</summary>
    /// <value>The default is 2 seconds, less than a webhook's sender is made to wait for its broker.</value>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(2);

    /// <inheritdoc />
    protected override IEnumerable<ValidationResult> Validate()
    {
        if (Permits is null)
            yield return new ValidationResult("Say how many messages may pass in a period, such as 100.", [nameof(Permits)]);

        if (MaxWait < TimeSpan.Zero || MaxWait > TimeSpan.FromHours(1))
            yield return new ValidationResult("Use a duration from 0s to 1h, such as 5s.", [nameof(MaxWait)]);

        foreach (var problem in base.Validate())
            yield return problem;
    }
}
