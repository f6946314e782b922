using System.Globalization;

namespace Maestro.Bus.Messaging;

/// <summary>
/// A message was not sent, because this process sends more of its kind than it may, and its turn did not come in time. It can be sent
/// later.
/// </summary>
public sealed class PublishLimitException : Exception
{
    /// <summary>Says which limit it is, and what it allows.</summary>
    public PublishLimitException(string name, PublishLimitPolicy policy)
        : base(
            $"'{name}' may be sent {policy.Permits} times in {policy.Period}, and no turn came within {policy.MaxWait}. Send it later, or "
                + $"raise Bus:PublishLimits:{name}.")
    {
        LimitName = name;
        RetryAfter = policy.Period;
    }

    /// <summary>The message type or queue whose limit it is.</summary>
    public string LimitName { get; }

    /// <summary>How long to wait before sending again.</summary>
    public TimeSpan RetryAfter { get; }

    /// <summary>The same as HTTP's <c>Retry-After</c> says it: whole seconds, and no fewer than one.</summary>
    public string RetryAfterSeconds => Math.Max(1, Math.Ceiling(RetryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
