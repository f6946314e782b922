namespace Maestro.Bus.Persistence;

/// <summary>What can be done with dead letters.</summary>
public enum DeadLetterActionKind
{
    /// <summary>Send them to where they failed, with the same id: what has been done of them already is not done again.</summary>
    Retry,

    /// <summary>Send them to another queue.</summary>
    Redirect,

    /// <summary>Say that they are not wanted any more.</summary>
    Discard,

    /// <summary>Have discarded ones wait again.</summary>
    Restore,

    /// <summary>Delete them for good.</summary>
    Purge,
}
