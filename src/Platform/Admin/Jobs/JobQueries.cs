using MassTransit;

namespace Maestro.Bus.Admin;

/// <summary>Tells of jobs.</summary>
public sealed class JobQueries(IJobs jobs)
{
    const int MostLines = 10_000;
    const int UsualLines = 1_000;
    const int MostBatches = 1_000;
    const int UsualBatches = 100;

    /// <summary>The kinds of jobs of this host, with their settings.</summary>
    public IEnumerable<JobKindView> Kinds => jobs.Kinds.Select(JobViews.Of);

    /// <summary>The jobs that are asked for, the newest first.</summary>
    /// <exception cref="InvalidMessageException">There is no such kind, queue or state, no tenant can be called so, or the limit is not one
    /// from 1 to 1000.</exception>
    /// <exception cref="JobNotFoundException">There is no such batch or parent.</exception>
    public async Task<JobPage> List(JobSelection selection, CancellationToken cancellationToken)
    {
        var filter = await Known(selection.Filter(), cancellationToken);
        var found = await jobs.List(filter, cancellationToken);

        // A slip would look like one without any.
        if (found.Count == 0 && selection.Batch is { } batch)
            await Batch(batch, cancellationToken);
        if (found.Count == 0 && selection.Parent is { } parent)
            await Find(parent, cancellationToken);

        return new JobPage([.. found.Select(JobViews.Of)], found.Count == filter.Limit ? found[^1].Number : null);
    }

    /// <summary>How many jobs there are of each kind and state.</summary>
    public async Task<IEnumerable<JobCountView>> Count(CancellationToken cancellationToken) =>
        (await jobs.Count(cancellationToken)).Select(JobViews.Of);

    /// <summary>A job with what it holds, its state and its exceptions.</summary>
    /// <exception cref="JobNotFoundException">There is no such one.</exception>
    public async Task<JobView> Find(Guid id, CancellationToken cancellationToken) => JobViews.Of(await jobs.Find(id, cancellationToken)
        ?? throw new JobNotFoundException(
            $"There is no job {id}. It was never submitted, or is among those whose records are not kept any more."));

    /// <summary>What a job has logged after a line, or from the first.</summary>
    /// <exception cref="InvalidMessageException">The limit is not one from 1 to 10000.</exception>
    public async Task<IEnumerable<JobLogView>> Logs(Guid id, long? after, int? limit, CancellationToken cancellationToken) =>
        (await jobs.Logs(id, after ?? 0, JobSelection.Allowed(limit, MostLines, UsualLines), cancellationToken)).Select(JobViews.Of);

    /// <summary>The batches, the newest first.</summary>
    /// <exception cref="InvalidMessageException">The limit is not one from 1 to 1000.</exception>
    public async Task<IEnumerable<JobBatchView>> Batches(int? limit, CancellationToken cancellationToken) =>
        (await jobs.ListBatches(JobSelection.Allowed(limit, MostBatches, UsualBatches), cancellationToken)).Select(JobViews.Of);

    /// <summary>How many jobs of a batch have ended, and how.</summary>
    /// <exception cref="JobNotFoundException">There is no such one.</exception>
    public async Task<JobBatchView> Batch(Guid id, CancellationToken cancellationToken) =>
        JobViews.Of(await jobs.FindBatch(id, cancellationToken) ?? throw UnknownBatch(id));

    // Other hosts have other kinds and queues, and so had this one.
    async Task<JobFilter> Known(JobFilter filter, CancellationToken cancellationToken)
    {
        var kinds = jobs.Kinds;
        filter = filter with
        {
            Type = kinds.FirstOrDefault(kind => kind.Name.Equals(filter.Type, StringComparison.OrdinalIgnoreCase))?.Name ?? filter.Type,
        };
        var (types, queues) = (kinds.Select(kind => kind.Name).ToHashSet(), kinds.Select(kind => kind.Queue).ToHashSet());
        if (Has(types, filter.Type) && Has(queues, filter.Queue))
            return filter;

        foreach (var count in await jobs.Count(cancellationToken))
        {
            types.Add(count.Type);
            queues.Add(count.Queue);
        }

        return !Has(types, filter.Type) ? throw Unknown("kind", filter.Type!, types)
            : !Has(queues, filter.Queue) ? throw Unknown("queue", filter.Queue!, queues)
            : filter;

        static bool Has(HashSet<string> known, string? name) => name is null || known.Contains(name);

        static InvalidMessageException Unknown(string what, string name, HashSet<string> known) =>
            new(
                $"There are no jobs of the "
                    + $"{what} '{name}'. {(known.Count == 0
                        ? "There are none at all"
                        : $"Use one of {string.Join(", ", known.Order(StringComparer.Ordinal))}")}.");
    }

    internal static JobNotFoundException UnknownBatch(Guid id) =>
        new($"There is no batch {id}. It was never submitted, or its record is not kept any more.");
}
