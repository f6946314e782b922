namespace Maestro.Bus.Scheduling;

/// <summary>The endpoint of a plain bus that takes scheduling messages.</summary>
public sealed class QuartzEndpointOptions
{
    /// <summary>How many messages it takes from the broker at a time; null for the bus's own number.</summary>
    /// <value>The default is 32.</value>
    public int? PrefetchCount { get; set; } = 32;

    /// <summary>How many messages it handles at a time; null for as many as it takes.</summary>
    public int? ConcurrentMessageLimit { get; set; }

    /// <summary>Its queue.</summary>
    /// <value>The default is <c>quartz</c>, which MassTransit's schedulers send to.</value>
    public string QueueName { get; set; } = "quartz";
}
