using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace Maestro.Bus.Messaging;

/// <summary>The settings of the section <c>Bus</c> that belong to no queue, transport or domain.</summary>
public sealed class BusSettings
{
    /// <summary>The transport that carries the messages.</summary>
    /// <value>There is no default: a bus never chooses a transport by itself.</value>
    public string? Transport { get; set; }

    /// <summary>
    /// What the bus is called on its broker. The engine's queues and exchanges begin with it: two buses that share a virtual host have two
    /// names.
    /// </summary>
    /// <value>The default is none.</value>
    [RegularExpression(
        "^[a-z0-9][a-z0-9-]{0,79}\\z", ErrorMessage = "Use 1 to 80 lower-case letters, digits and dashes; the first is not a dash.")]
    public string? Name { get; set; }

    /// <summary>The attempts of every queue that has none of its own under <c>Bus:Queues</c>; none to leave each domain its own.</summary>
    [Range(1, 100, ErrorMessage = "Use a whole number from 1 to 100; 1 means no retry.")]
    public int? Attempts { get; set; }

    /// <summary>The tenant of messages that name none.</summary>
    /// <value>The default is <c>default</c>.</value>
    [RegularExpression(TenantHeader.Pattern, ErrorMessage = TenantHeader.Rule)]
    public string DefaultTenant { get; set; } = "default";

    /// <summary>What happens to messages that have failed for good.</summary>
    public DeadLetterSettings DeadLetters { get; set; } = new();

    /// <summary>How much of the messages' journeys is kept.</summary>
    public JourneySettings Journeys { get; set; } = new();
}

/// <summary>The settings of the section <c>Bus:DeadLetters</c>.</summary>
public sealed class DeadLetterSettings : IValidatableObject
{
    /// <summary>
    /// Whether a message that has failed for good is kept in <c>{queue}-dlq</c>. Off, it is dropped after its last attempt.
    /// </summary>
    /// <value>The default is <c>true</c>.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Whether a host that has a database moves its queues' dead letters into it, where they can be looked at and sent again.
    /// </summary>
    /// <value>The default is <c>true</c>.</value>
    public bool Store { get; set; } = true;

    /// <summary>How long a dead letter is kept in the database.</summary>
    /// <value>The default is 30 days.</value>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Retention < TimeSpan.FromMinutes(1) || Retention > TimeSpan.FromDays(3650))
            yield return new ValidationResult("Use a duration from 1m to 3650d, such as 30d.", [nameof(Retention)]);
    }
}

/// <summary>The settings of the section <c>Bus:Journeys</c>.</summary>
public sealed class JourneySettings
{
    /// <summary>How many hops of messages are kept in memory; the oldest go first.</summary>
    /// <value>The default is 10000.</value>
    [Range(100, 1_000_000, ErrorMessage = "Use a whole number from 100 to 1000000.")]
    public int Hops { get; set; } = 10_000;
}
