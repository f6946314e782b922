using System.ComponentModel.DataAnnotations;

namespace Maestro.Bus.Jobs;

/// <summary>The settings of the section <c>Bus:Jobs:{name}</c>: how one kind of job is run.</summary>
public sealed class JobSettings
{
    /// <summary>How long one attempt may take before it is cancelled and counts as failed.</summary>
    /// <value>The default is 5 minutes.</value>
    [Range(typeof(TimeSpan), "00:00:00.010", "30.00:00:00", ErrorMessage = "Use a duration from {1} to {2}.")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a job that has been cancelled is waited for before its slot is given to the next one.</summary>
    /// <value>The default is 30 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ErrorMessage = "Use a duration from {1} to {2}.")]
    public TimeSpan CancellationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many of these jobs one process runs at a time.</summary>
    /// <value>The default is the concurrency of the domain's queue.</value>
    [Range(1, 10_000, ErrorMessage = "Use a whole number from 1 to 10000.")]
    public int Concurrency { get; set; } = 10;

    /// <summary>How many of these jobs all processes together run at a time.</summary>
    /// <value>The default is no limit.</value>
    [Range(1, 100_000, ErrorMessage = "Use a whole number from 1 to 100000, or leave it out for no limit.")]
    public int? GlobalConcurrency { get; set; }

    /// <summary>Which jobs are begun first, from 0 (last) to 9 (first), where the submission does not say.</summary>
    /// <value>The default is 4.</value>
    [Range(0, MessagePriority.Highest, ErrorMessage = "Use a whole number from 0 to 9.")]
    public int Priority { get; set; } = MessagePriority.Default;

    /// <summary>
    /// How often a job is tried in all before it has failed: the first try counts. One that meets a dependency that is away
    /// (<see cref="DependencyUnavailableException"/>) does not, unless there is one attempt only.
    /// </summary>
    /// <value>The default is the number of attempts of the domain's queue.</value>
    [Range(1, 100, ErrorMessage = "Use a whole number from 1 to 100; 1 means no retry.")]
    public int Attempts { get; set; } = 5;

    /// <summary>The delay before the first retry.</summary>
    /// <value>The default is the one of the domain's queue.</value>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ErrorMessage = "Use a duration from {1} to {2}.")]
    public TimeSpan FirstRetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest delay.</summary>
    /// <value>The default is the one of the domain's queue.</value>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ErrorMessage = "Use a duration from {1} to {2}.")]
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(300);

    /// <summary>How the delay grows from one retry to the next.</summary>
    /// <value>The default is the one of the domain's queue.</value>
    public RetryStrategy RetryStrategy { get; set; } = RetryStrategy.Exponential;

    /// <summary>What an exponential delay is multiplied by each time.</summary>
    /// <value>The default is the one of the domain's queue.</value>
    [Range(1.0, 10.0, ErrorMessage = "Use a number from 1 to 10.")]
    public double RetryMultiplier { get; set; } = 2;

    /// <summary>How far a delay may deviate either way, as a part of it.</summary>
    /// <value>The default is the one of the domain's queue.</value>
    [Range(0.0, 1.0, ErrorMessage = "Use a number from 0 to 1.")]
    public double RetryJitter { get; set; } = 0.25;

    /// <summary>What a domain's queue and a consumer's attribute say, before the configuration.</summary>
    internal static JobSettings Of(QueuePolicy policy, JobAttribute? attribute)
    {
        var settings = new JobSettings
        {
            Concurrency = attribute is { Concurrency: > 0 } ? attribute.Concurrency : policy.Concurrency,
            GlobalConcurrency = attribute is { GlobalConcurrency: > 0 } ? attribute.GlobalConcurrency : null,
            Priority = attribute?.Priority ?? MessagePriority.Default,
            Attempts = attribute is { Attempts: > 0 } ? attribute.Attempts : policy.Attempts,
            FirstRetryDelay = Read(attribute?.FirstRetryDelay) ?? policy.FirstRetryDelay,
            MaxRetryDelay = policy.MaxRetryDelay,
            RetryStrategy = policy.RetryStrategy,
            RetryMultiplier = policy.RetryMultiplier,
            RetryJitter = policy.RetryJitter,
        };
        settings.Timeout = Read(attribute?.Timeout) ?? settings.Timeout;
        return settings;
    }

    /// <summary>The delays between the attempts.</summary>
    internal RetrySchedule Retries() => new(
        new QueuePolicy
        {
            FirstRetryDelay = FirstRetryDelay,
            MaxRetryDelay = MaxRetryDelay < FirstRetryDelay ? FirstRetryDelay : MaxRetryDelay,
            RetryStrategy = RetryStrategy,
            RetryMultiplier = RetryMultiplier,
            RetryJitter = RetryJitter,
        },
        Random.Shared);

    static TimeSpan? Read(string? duration) =>
        duration is null ? null
        : Duration.TryParse(duration, out var value) ? value
        : throw new BusConfigurationException($"[Job] has the duration '{duration}'. Use one such as 250ms, 5s, 2m, 1h or 00:00:05.");
}
