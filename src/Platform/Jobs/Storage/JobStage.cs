namespace Maestro.Bus.Jobs;

/// <summary>Where a job is in its life. The database keeps the numbers.</summary>
public enum JobStage
{
    /// <summary>It waits for its time: it was submitted with a delay, or waits for a retry.</summary>
    Scheduled = 0,

    /// <summary>It waits for a slot.</summary>
    Ready = 1,

    /// <summary>It is being run.</summary>
    Running = 2,

    /// <summary>It has been run, and its children have not all ended.</summary>
    WaitingForChildren = 3,

    /// <summary>It has succeeded.</summary>
    Completed = 4,

    /// <summary>It has failed for good.</summary>
    Faulted = 5,

    /// <summary>It has been cancelled.</summary>
    Canceled = 6,
}
