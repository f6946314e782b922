using System.ComponentModel.DataAnnotations;

namespace Maestro.Bus.Jobs;

/// <summary>The settings of the section <c>Bus:JobService</c>: what holds for all jobs.</summary>
public sealed class JobServiceSettings
{
    internal const string Section = "JobService";

    const string Durations = "Use a duration from {1} to {2}.";

    /// <summary>Whether this process runs jobs. Off, it only submits and manages them.</summary>
    /// <value>The default is <c>true</c>.</value>
    public bool Run { get; set; } = true;

    /// <summary>
    /// Whether the submission, the beginning and the end of jobs are published, as MassTransit's <see cref="JobSubmitted"/>,
    /// <see cref="JobStarted"/>, <see cref="JobCompleted"/>, <see cref="JobFaulted"/> with <see cref="Fault{T}"/>, and
    /// <see cref="JobCanceled"/>.
    /// </summary>
    /// <value>The default is <c>true</c>.</value>
    public bool Events { get; set; } = true;

    /// <summary>How long a process may show no life before its jobs are stalled and begin anew elsewhere.</summary>
    /// <value>The default is 30 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = Durations)]
    public TimeSpan StalledAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a job may be stalled before it has failed.</summary>
    /// <value>The default is 1.</value>
    [Range(0, 100, ErrorMessage = "Use a whole number from 0 to 100.")]
    public int MaxStalls { get; set; } = 1;

    /// <summary>
    /// How often the tables are looked through for what no signal has announced: ready jobs and cancellations of other processes.
    /// </summary>
    /// <value>The default is 1 second.</value>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00", ErrorMessage = Durations)]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often progress and logs of running jobs are written.</summary>
    /// <value>The default is 250 milliseconds.</value>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00", ErrorMessage = Durations)]
    public TimeSpan ProgressInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How long running jobs are given to end by themselves when the process is stopped. Then they are cancelled, and begin anew elsewhere.
    /// </summary>
    /// <value>The default is 5 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00", ErrorMessage = Durations)]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many completed jobs are kept for each queue.</summary>
    /// <value>The default is 100.</value>
    [Range(0, 1_000_000, ErrorMessage = "Use a whole number from 0 to 1000000.")]
    public int KeepCompleted { get; set; } = 100;

    /// <summary>How many failed, and how many cancelled jobs are kept for each queue.</summary>
    /// <value>The default is 50.</value>
    [Range(0, 1_000_000, ErrorMessage = "Use a whole number from 0 to 1000000.")]
    public int KeepFailed { get; set; } = 50;

    /// <summary>
    /// How long the id of a job that is not kept any more is remembered, so that the same submission does not become a job again.
    /// </summary>
    /// <value>The default is 24 hours.</value>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00", ErrorMessage = Durations)]
    public TimeSpan IdRetention { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How many log lines are kept for one job; what it logs beyond is counted, and not kept.</summary>
    /// <value>The default is 1000.</value>
    [Range(0, 1_000_000, ErrorMessage = "Use a whole number from 0 to 1000000.")]
    public int LogLines { get; set; } = 1_000;
}
