namespace Maestro.Bus.Admin;

/// <summary>Something cannot be done with schedules, for a reason that the caller can do something about.</summary>
public sealed class ScheduleProblem(bool isUnknown, string title, string detail) : Exception($"{title} {detail}")
{
    /// <summary>Whether what was named is not there; otherwise what was asked is wrong in itself.</summary>
    public bool IsUnknown => isUnknown;

    /// <summary>What is wrong.</summary>
    public string Title => title;

    /// <summary>What to do about it.</summary>
    public string Detail => detail;

    internal static ScheduleProblem Unknown(string name) =>
        new(true, $"There is no schedule '{name}'.", "List them to see which there are.");
}
