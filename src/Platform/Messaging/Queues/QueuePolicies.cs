using System.Collections.Concurrent;

namespace Maestro.Bus.Messaging;

/// <summary>The policy in force for each queue: the domain's own, with the configuration's values over it.</summary>
public sealed class QueuePolicies
{
    readonly ConcurrentDictionary<string, QueuePolicy> _policies = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, bool> _endpoints = new(StringComparer.Ordinal);
    readonly IConfigurationSection _section;
    readonly int? _attempts;

    /// <summary>Reads the policies of the domains' queues and of the queues that only the configuration names.</summary>
    /// <param name="catalog">The domains, with their own policies.</param>
    /// <param name="section">The section <c>Bus:Queues</c>.</param>
    /// <param name="attempts">The attempts of every queue that has none of its own in configuration; none to leave each domain its
    /// own.</param>
    /// <param name="problems">Takes what is wrong with the settings.</param>
    public QueuePolicies(DomainCatalog catalog, IConfigurationSection section, int? attempts, SettingsProblems problems)
    {
        _section = section;
        _attempts = attempts;

        foreach (var domain in catalog.Domains)
        {
            _endpoints[domain.Queue] = true;
            _policies[domain.Queue] = Read(domain.Queue, domain.Policy, problems);
        }

        foreach (var queue in section.GetChildren().Select(child => child.Key).Where(queue => !_policies.ContainsKey(queue)))
            _policies[queue] = Read(queue, new QueuePolicy(), problems);
    }

    /// <summary>The policy in force for a queue; the defaults for one that neither a domain nor the configuration knows.</summary>
    public QueuePolicy Of(string queue) =>
        _policies.TryGetValue(queue, out var policy)
            ? policy
            : _attempts is { } attempts ? new QueuePolicy { Attempts = attempts } : new QueuePolicy();

    /// <summary>The queues that the bus has endpoints for. Complete once the bus has been made.</summary>
    public IEnumerable<string> Endpoints => _endpoints.Keys;

    /// <summary>The policy of a queue that the bus has an endpoint for.</summary>
    internal QueuePolicy OfEndpoint(string queue)
    {
        _endpoints[queue] = true;
        return Of(queue);
    }

    /// <summary>Lists the queues that only the configuration knows: once the bus has its endpoints, they are slips.</summary>
    internal void AddUnknown(SettingsProblems problems)
    {
        foreach (var queue in _section.GetChildren().Where(child => !_endpoints.ContainsKey(child.Key)))
            problems.AddUnknown(null, queue, "No domain and no consumer has this queue; there are",
                [.. _endpoints.Keys.Order(StringComparer.Ordinal)]);
    }

    QueuePolicy Read(string queue, QueuePolicy defaults, SettingsProblems problems)
    {
        var section = _section.GetSection(queue);
        var policy = defaults.Copy();
        SettingsBinder.Bind(section, policy, problems);
        ExceptionTypes.Of(policy.Retry.Never, $"{section.Path}:Retry:Never", problems);
        ExceptionTypes.Of(policy.Retry.Only, $"{section.Path}:Retry:Only", problems);
        ExceptionTypes.Of(policy.CircuitBreaker.Exceptions, $"{section.Path}:CircuitBreaker:Exceptions", problems);

        return _attempts is { } attempts && section[nameof(QueuePolicy.Attempts)] is null ? policy with { Attempts = attempts } : policy;
    }
}
