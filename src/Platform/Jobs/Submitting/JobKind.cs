namespace Maestro.Bus.Jobs;

/// <summary>A kind of job, with the settings in force.</summary>
/// <param name="Name">What the settings and the database know it by.</param>
/// <param name="Queue">The queue of its domain.</param>
/// <param name="Settings">How it is run, unless that was changed at run time.</param>
public sealed record JobKind(string Name, string Queue, JobSettings Settings);
