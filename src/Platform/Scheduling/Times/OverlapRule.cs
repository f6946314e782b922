namespace Maestro.Bus.Scheduling;

/// <summary>
/// What becomes of a run that is due while an earlier one has not ended: while its message is not handled, or the job that it has started
/// runs.
/// </summary>
public enum OverlapRule
{
    /// <summary>It is sent all the same: messages wait in their queue, and jobs for a slot.</summary>
    Queue,

    /// <summary>It is left out, and the history says so.</summary>
    Skip,
}
