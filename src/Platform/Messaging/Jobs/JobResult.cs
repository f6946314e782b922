namespace Maestro.Bus.Messaging;

/// <summary>What a job says of its result.</summary>
/// <param name="Text">A sentence for whoever looks at the job.</param>
public sealed record JobResult(string Text);

/// <summary>Lets a job say how it went.</summary>
public static class JobResultExtensions
{
    const int Longest = 1_000;

    /// <summary>
    /// Says in a sentence what has come of the job, for whoever looks at it once it has completed. The last one counts, and 1000 characters
    /// of it.
    /// </summary>
    public static void SetJobResult(this JobContext context, string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        var result = new JobResult(text.Length > Longest ? text[..Longest] : text);
        context.AddOrUpdatePayload(() => result, _ => result);
    }
}
