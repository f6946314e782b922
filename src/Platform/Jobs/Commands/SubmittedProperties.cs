using MassTransit.Serialization;

namespace Maestro.Bus.Jobs;

/// <summary>What a submission's properties say about the job itself.</summary>
sealed class SubmittedProperties
{
    /// <exception cref="InvalidMessageException">One of them cannot be read.</exception>
    public SubmittedProperties(Guid job, Dictionary<string, object>? properties)
    {
        if (properties is null)
            return;

        var values = new JobPropertyCollection
        {
            Properties = new Dictionary<string, object>(properties, StringComparer.OrdinalIgnoreCase),
        };
        Priority = values.Get<int>(JobPropertyExtensions.Priority);
        Delay = values.Get<long>(JobPropertyExtensions.Delay) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;
        Parent = values.Get<string>(JobPropertyExtensions.Parent) is { } parent
            ? Guid.TryParse(parent, out var id) ? id : throw Unreadable(job, JobPropertyExtensions.Parent, parent, "the id of a job")
            : null;

        if (Priority is < 0 or > MessagePriority.Highest)
            throw Unreadable(job, JobPropertyExtensions.Priority, $"{Priority}", "a whole number from 0 to 9");
        if (Delay < TimeSpan.Zero)
            throw Unreadable(job, JobPropertyExtensions.Delay, $"{Delay}", "a number of milliseconds from 0");
    }

    public int? Priority { get; }

    public TimeSpan? Delay { get; }

    public Guid? Parent { get; }

    static InvalidMessageException Unreadable(Guid job, string property, string held, string right) =>
        new($"The job {job} was submitted with the property {property} '{held}'. Use {right}.");
}
