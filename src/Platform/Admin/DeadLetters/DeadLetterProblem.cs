namespace Maestro.Bus.Admin;

/// <summary>Something cannot be done with dead letters, for a reason that the caller can do something about.</summary>
public sealed class DeadLetterProblem(DeadLetterProblemKind kind, string title, string detail) : Exception($"{title} {detail}")
{
    /// <summary>What kind of problem it is.</summary>
    public DeadLetterProblemKind Kind => kind;

    /// <summary>What is wrong.</summary>
    public string Title => title;

    /// <summary>What to do about it.</summary>
    public string Detail => detail;

    internal static DeadLetterProblem Unknown(long id) => new(
        DeadLetterProblemKind.Unknown, $"There is no dead letter {id}.",
        "List them to see which there are; those that were purged are gone.");

    internal static DeadLetterProblem UnknownOperation(long id) => new(
        DeadLetterProblemKind.Unknown, $"There is no operation {id}.", "List the operations to see which there are.");
}

/// <summary>The kinds of problem.</summary>
public enum DeadLetterProblemKind
{
    /// <summary>What was asked is wrong in itself.</summary>
    Invalid,

    /// <summary>It is not there.</summary>
    Unknown,

    /// <summary>Its state does not allow it.</summary>
    Conflict,
}
