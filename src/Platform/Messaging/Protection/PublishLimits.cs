using System.Reflection;
using System.Threading.RateLimiting;
using MassTransit.Transports;

namespace Maestro.Bus.Messaging;

/// <summary>Holds back those who send more of a message type, or more to a queue, than this process may.</summary>
public sealed class PublishLimits : IAsyncDisposable
{
    readonly Dictionary<string, Limit> _limits = new(StringComparer.OrdinalIgnoreCase);

    internal PublishLimits(IReadOnlyDictionary<string, PublishLimitPolicy> policies)
    {
        foreach (var (name, policy) in policies)
            _limits[name] = new Limit(policy, RateLimit.For(policy)!);
    }

    /// <summary>The limits, by message type or queue.</summary>
    public IReadOnlyDictionary<string, PublishLimitPolicy> Policies =>
        _limits.ToDictionary(limit => limit.Key, limit => limit.Value.Policy);

    internal bool IsEmpty => _limits.Count == 0;

    /// <summary>Lists the limits of what the bus does not have.</summary>
    internal void AddUnknown(DomainCatalog catalog, IEnumerable<string> queues, SettingsProblems problems)
    {
        if (IsEmpty)
            return;

        var known = catalog.Assemblies
            .SelectMany(assembly =>
                assembly.GetReferencedAssemblies().Where(reference => reference.Name!.EndsWith(".Contracts", StringComparison.Ordinal))
                    .Select(Assembly.Load).Append(assembly))
            .Distinct()
            .SelectMany(assembly => assembly.GetExportedTypes())
            .Select(type => type.Name)
            .Concat(queues)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);

        foreach (var name in _limits.Keys.Where(name => !known.Contains(name)))
            problems.Add(
                $"Bus:PublishLimits:{name} is not a setting: there is no message type and no queue of this name. Use a message's class "
                    + "name, such as CallApi, or a queue.");
    }

    /// <summary>Changes a limit that there is already. Those who wait under the old one go on at once.</summary>
    /// <exception cref="ArgumentException">There is no limit of this name, or the policy is wrong.</exception>
    public async Task Change(string name, PublishLimitPolicy policy)
    {
        if (!_limits.TryGetValue(name, out var limit))
            throw new ArgumentException(
                $"'{name}' has no limit. There are {string.Join(", ", _limits.Keys)}; add others under Bus:PublishLimits.", nameof(name));

        PolicyRules.Check(policy, name);
        var old = limit.Limiter;
        (limit.Policy, limit.Limiter) = (policy, RateLimit.For(policy)!);
        await old.DisposeAsync();
    }

    /// <summary>Gives back what the limits have taken.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var limit in _limits.Values)
            await limit.Limiter.DisposeAsync();
    }

    /// <exception cref="PublishLimitException">The message's turn did not come in time.</exception>
    internal async Task Wait(SendContext context)
    {
        // What goes back to its queue was let through before, and what is published passes here a second time when it is sent.
        if (GoingBack.Is(context) || context.TryGetPayload(out Passed? _))
            return;

        context.GetOrAddPayload(() => new Passed());

        if (context.SupportedMessageTypes is [var type, ..])
            await Wait(type[(type.LastIndexOf(':') + 1)..], context.CancellationToken);
        if (context is not PublishContext && context.DestinationAddress is { } address)
            await Wait(address.GetEndpointName()!, context.CancellationToken);
    }

    async Task Wait(string name, CancellationToken cancellationToken)
    {
        if (!_limits.TryGetValue(name, out var limit))
            return;

        var (policy, limiter) = (limit.Policy, limit.Limiter);

        try
        {
            using var lease = limiter.AttemptAcquire();
            if (!lease.IsAcquired)
                await Wait(name, policy, limiter, cancellationToken);
        }
        catch (ObjectDisposedException)
        {
            // The limit was changed after the look at it.
        }
    }

    static async Task Wait(string name, PublishLimitPolicy policy, RateLimiter limiter, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(policy.MaxWait);

        try
        {
            // A limiter that is changed meanwhile lets go of those who wait for it.
            using var lease = await limiter.AcquireAsync(1, timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PublishLimitException(name, policy);
        }
    }

    sealed record Passed;

    sealed class Limit(PublishLimitPolicy policy, RateLimiter limiter)
    {
        public PublishLimitPolicy Policy { get; set; } = policy;

        public RateLimiter Limiter { get; set; } = limiter;
    }
}
