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

    /// <summary>People are told of a state other than healthy, where <c>Bus:Alerts</c> says how.</summary>
    public const string Alerted = "alerted";
}
