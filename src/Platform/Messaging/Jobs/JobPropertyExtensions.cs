namespace Maestro.Bus.Messaging;

/// <summary>What a submission can say about its job through MassTransit's <c>SubmitJob(job, properties => …)</c>.</summary>
public static class JobPropertyExtensions
{
    /// <summary>The property that holds a job's priority.</summary>
    public const string Priority = "priority";

    /// <summary>The property that holds the milliseconds before which a job does not begin.</summary>
    public const string Delay = "delay";

    /// <summary>The property that holds the id of a job's parent.</summary>
    public const string Parent = "parent";

    /// <summary>Says how urgent a job is, from 0 (last) to 9 (first).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The priority is not one from 0 to 9.</exception>
    public static ISetPropertyCollection SetPriority(this ISetPropertyCollection properties, int priority)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(priority);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(priority, MessagePriority.Highest);
        return properties.Set(Priority, priority);
    }

    /// <summary>Has a job wait before it begins.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative.</exception>
    public static ISetPropertyCollection SetDelay(this ISetPropertyCollection properties, TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return properties.Set(Delay, (long)delay.TotalMilliseconds);
    }

    /// <summary>Makes a job the child of another one, which is not completed before its children have ended.</summary>
    public static ISetPropertyCollection SetParent(this ISetPropertyCollection properties, Guid parent) =>
        properties.Set(Parent, parent.ToString());
}
