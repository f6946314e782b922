namespace Maestro.Bus.Jobs;

/// <summary>Hears of jobs in this process.</summary>
interface IJobListener
{
    /// <summary>Jobs of a kind may be ready.</summary>
    void Ready(string type);

    /// <summary>A running job is to end; <c>false</c> from it where the job does not run here.</summary>
    bool Cancel(Guid job, string reason);

    /// <summary>Something has happened that only the tables tell of.</summary>
    void Look();
}
