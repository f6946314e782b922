namespace Maestro.Bus.Jobs;

/// <summary>A line that a job has logged.</summary>
/// <param name="Number">The line's place among all lines of all jobs; ask for those after it to follow a job.</param>
/// <param name="Attempt">The attempt that logged it, from 1.</param>
/// <param name="Time">When it was logged.</param>
/// <param name="Level">How important it is.</param>
/// <param name="Category">Who logged it.</param>
/// <param name="Text">The message, and the exception where there is one.</param>
public sealed record JobLogLine(long Number, int Attempt, DateTimeOffset Time, LogLevel Level, string Category, string Text);
