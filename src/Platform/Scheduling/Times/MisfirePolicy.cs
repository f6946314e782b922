namespace Maestro.Bus.Scheduling;

/// <summary>
/// What becomes of occurrences that no process was there for, or that come later than <c>Bus:Scheduling:MisfireThreshold</c>.
/// </summary>
public enum MisfirePolicy
{
    /// <summary>One run makes up for all of them.</summary>
    FireOnce,

    /// <summary>They are dropped.</summary>
    Skip,

    /// <summary>Each of them runs.</summary>
    FireAll,
}
