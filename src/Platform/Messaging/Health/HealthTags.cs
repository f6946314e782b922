namespace Maestro.Bus.Messaging;

/// <summary>The tags of health checks that <c>/health/ready</c> goes by.</summary>
public static class HealthTags
{
    /// <summary>The check belongs to <c>/health/ready</c>.</summary>
    public const string Ready = "ready";

    /// <summary>
    /// A degraded state of the check is worth knowing of, and no reason to send this process no more work: <c>/health/ready</c> answers 200
    /// with it.
    /// </summary>
    public const string Tolerated = "tolerated";

    const string Broker = "broker:";

    /// <summary>Gets the tag of a check about a broker or a rider.</summary>
    /// <param name="name">What people call it, such as <c>rabbitmq</c>. A broker may have several checks.</param>
    public static string BrokerOf(string name) => Broker + name;

    /// <summary>Gets the broker that a check's tags name; null if it is about none.</summary>
    internal static string? FindBroker(IEnumerable<string> tags) =>
        tags.FirstOrDefault(tag => tag.StartsWith(Broker, StringComparison.Ordinal))?[Broker.Length..];

    /// <summary>People are told of a state other than healthy, where <c>Bus:Alerts</c> says how.</summary>
    public const string Alerted = "alerted";
}
