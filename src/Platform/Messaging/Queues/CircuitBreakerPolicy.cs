using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace Maestro.Bus.Messaging;

/// <summary>When a queue is paused because what it depends on is down, <c>Bus:Queues:{queue}:CircuitBreaker</c>.</summary>
public sealed record CircuitBreakerPolicy : IValidatableObject
{
    /// <summary>Whether there is one.</summary>
    /// <value>The default is <c>true</c>.</value>
    public bool Enabled { get; init; } = true;

    /// <summary>
    /// How many messages in a row, without a success among them, open it. A message that fails several times counts once: it is more likely
    /// to be wrong itself.
    /// </summary>
    /// <value>The default is 5.</value>
    [Range(1, 10_000, ErrorMessage = "Use a whole number from 1 to 10000.")]
    public int Failures { get; init; } = 5;

    /// <summary>How long after a failed probe the next message is let through as a probe.</summary>
    /// <value>The default is 2 seconds.</value>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The exceptions that mean that a dependency is down, with those derived from them, wherever they stand among the causes: their names,
    /// with or without the namespace. An HTTP answer means it only with a status of 5xx, 408 or 429; no answer in time does, too. A
    /// database's exception means it only where the connection is concerned.
    /// </summary>
    /// <value>The default is those of HTTP, the network and databases, and <see cref="DependencyUnavailableException"/>. A
    /// <see cref="TimeoutException"/> may be anybody's: add it where it is not.</value>
    public List<string> Exceptions { get; init; } =
    [
        "System.Net.Http.HttpRequestException", "System.Net.Sockets.SocketException", "System.Data.Common.DbException",
        typeof(DependencyUnavailableException).FullName!,
    ];

    /// <summary>Whether the other policy has the same values.</summary>
    public bool Equals(CircuitBreakerPolicy? other) =>
        other is not null
        && (Enabled, Failures, ProbeInterval) == (other.Enabled, other.Failures, other.ProbeInterval)
        && Exceptions.SequenceEqual(other.Exceptions);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Enabled, Failures, ProbeInterval, Exceptions.Count);

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (ProbeInterval < TimeSpan.FromMilliseconds(10) || ProbeInterval > TimeSpan.FromHours(1))
            yield return new ValidationResult("Use a duration from 10ms to 1h, such as 2s.", [nameof(ProbeInterval)]);
    }
}
