namespace Maestro.Bus.Messaging;

/// <summary>
/// How a job consumer's jobs are run, where they are to differ from the domain's queue. <c>Bus:Jobs:{name}</c> is laid over it. Durations
/// are written as in the settings: <c>250ms</c>, <c>5s</c>, <c>2m</c>, <c>1h</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class JobAttribute : Attribute
{
    /// <summary>The name of the kind of job.</summary>
    /// <value>The default is the name of the job's message type.</value>
    public string? Name { get; set; }

    /// <summary>How long one attempt may take before it is cancelled and counts as failed.</summary>
    /// <value>The default is 5 minutes.</value>
    public string? Timeout { get; set; }

    /// <summary>How many of these jobs one process runs at a time.</summary>
    /// <value>The default is the concurrency of the domain's queue.</value>
    public int Concurrency { get; set; }

    /// <summary>How many of these jobs all processes together run at a time.</summary>
    /// <value>The default is no limit.</value>
    public int GlobalConcurrency { get; set; }

    /// <summary>How often a job is tried in all before it has failed.</summary>
    /// <value>The default is the number of attempts of the domain's queue.</value>
    public int Attempts { get; set; }

    /// <summary>The delay before the first retry.</summary>
    /// <value>The default is the one of the domain's queue.</value>
    public string? FirstRetryDelay { get; set; }

    /// <summary>Which jobs are begun first, from 0 (last) to 9 (first), where the submission does not say.</summary>
    /// <value>The default is 4.</value>
    public int Priority { get; set; } = MessagePriority.Default;
}
