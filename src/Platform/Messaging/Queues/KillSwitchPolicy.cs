using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace Maestro.Bus.Messaging;

/// <summary>When a queue is paused because too much of its work fails, <c>Bus:Queues:{queue}:KillSwitch</c>.</summary>
public sealed record KillSwitchPolicy : IValidatableObject
{
    /// <summary>Whether there is one.</summary>
    /// <value>The default is <c>false</c>.</value>
    public bool Enabled { get; init; }

    /// <summary>How many messages must have been handled within the period, before the part that has failed says anything.</summary>
    /// <value>The default is 100.</value>
    [Range(1, 1_000_000, ErrorMessage = "Use a whole number from 1 to 1000000.")]
    public int ActivationThreshold { get; init; } = 100;

    /// <summary>The part of them, in percent, that must have failed.</summary>
    /// <value>The default is 10.</value>
    [Range(1, 100, ErrorMessage = "Use a whole number of percent from 1 to 100.")]
    public int TripThreshold { get; init; } = 10;

    /// <summary>How long it counts before it begins anew.</summary>
    /// <value>The default is 1 minute.</value>
    public TimeSpan TrackingPeriod { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long the queue is paused. After that the first message decides: a failure pauses it again.</summary>
    /// <value>The default is 1 minute.</value>
    public TimeSpan RestartTimeout { get; init; } = TimeSpan.FromMinutes(1);

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (TrackingPeriod < TimeSpan.FromMilliseconds(100) || TrackingPeriod > TimeSpan.FromDays(1))
            yield return new ValidationResult("Use a duration from 100ms to 1d, such as 1m.", [nameof(TrackingPeriod)]);

        // A broker takes back what nobody has acknowledged for half an hour.
        if (RestartTimeout < TimeSpan.FromMilliseconds(10) || RestartTimeout > TimeSpan.FromMinutes(15))
            yield return new ValidationResult("Use a duration from 10ms to 15m, such as 1m.", [nameof(RestartTimeout)]);
    }
}
