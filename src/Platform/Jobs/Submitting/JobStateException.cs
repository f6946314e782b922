namespace Maestro.Bus.Jobs;

/// <summary>A job is in a state that does not allow what is asked for, such as to be retried before it has ended.</summary>
/// <param name="message">Which state that is, and which would be right.</param>
public sealed class JobStateException(string message) : InvalidOperationException(message);
