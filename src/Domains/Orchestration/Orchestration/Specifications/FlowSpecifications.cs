namespace MaestroBus.Orchestration;

/// <summary>The specifications that were loaded at start.</summary>
public sealed class FlowSpecifications(IEnumerable<FlowSpecification> specifications)
{
    readonly SortedDictionary<string, FlowSpecification> _specifications =
        new(specifications.ToDictionary(specification => specification.Id), StringComparer.Ordinal);

    /// <summary>All specifications in order of their ids.</summary>
    public IEnumerable<FlowSpecification> All => _specifications.Values;

    /// <summary>Finds a specification by its id.</summary>
    public FlowSpecification? Find(string id) => _specifications.GetValueOrDefault(id);

    /// <summary>The specifications that a tenant's webhook starts.</summary>
    public IEnumerable<FlowSpecification> StartedBy(string provider, string eventType, string tenant) =>
        All.Where(specification => specification.IsFor(tenant)
            && specification.Trigger is { } trigger
            && trigger.Provider.Equals(provider, StringComparison.OrdinalIgnoreCase)
            && (trigger.EventType == "*" || trigger.EventType == eventType));
}
