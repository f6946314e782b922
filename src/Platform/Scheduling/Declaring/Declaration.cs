namespace Maestro.Bus.Scheduling;

/// <summary>A schedule as a domain or the configuration declares it, before its message is written down.</summary>
sealed class Declaration
{
    public required string Name { get; init; }

    /// <summary>Where it was declared, for error messages: a setting or a domain.</summary>
    public required string Origin { get; init; }

    public ScheduleSettings Settings { get; init; } = new();

    /// <summary>The message that is published; none where only a configured schedule's type and payload are known.</summary>
    public object? Message { get; set; }

    public Type? MessageType { get; set; }

    public Uri? Destination { get; set; }
}
