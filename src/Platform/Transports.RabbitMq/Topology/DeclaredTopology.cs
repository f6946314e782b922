using System.Collections.Frozen;
using RabbitMQ.Client;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Remembers what this process has declared at the broker: its durable queues, exchanges and bindings. What is remembered is declared
/// again when the broker has lost it.
/// </summary>
sealed class DeclaredTopology
{
    readonly Lock _lock = new();
    readonly Dictionary<string, DeclaredQueue> _queues = new(StringComparer.Ordinal);
    readonly Dictionary<string, DeclaredExchange> _exchanges = new(StringComparer.Ordinal);
    readonly Dictionary<(string, string, bool, string), DeclaredBinding> _bindings = [];
    volatile FrozenSet<string> _leading = [];

    /// <summary>Whether what is published to an exchange must reach a queue, by what this process has declared.</summary>
    public bool Leads(string exchange) => _leading.Contains(exchange);

    /// <summary>Whether this process has declared a queue.</summary>
    public bool HasQueue(string queue)
    {
        lock (_lock)
            return _queues.ContainsKey(queue);
    }

    /// <summary>Whether this process has declared an exchange.</summary>
    public bool HasExchange(string exchange)
    {
        lock (_lock)
            return _exchanges.ContainsKey(exchange);
    }

    /// <summary>What this process has bound to an exchange.</summary>
    public IReadOnlyList<DeclaredBinding> LeadingTo(string exchange)
    {
        lock (_lock)
            return [.. _bindings.Values.Where(binding => !binding.IsToQueue && binding.Destination == exchange)];
    }

    /// <summary>Whether this process has declared an exchange that leads all it gets to all that is bound to it.</summary>
    public bool HasFanout(string exchange)
    {
        lock (_lock)
            return _exchanges.TryGetValue(exchange, out var declared) && declared.Type == ExchangeType.Fanout;
    }

    public void Add(DeclaredQueue queue)
    {
        lock (_lock)
            _queues[queue.Name] = queue;
    }

    public void Add(DeclaredExchange exchange)
    {
        lock (_lock)
            _exchanges[exchange.Name] = exchange;
    }

    public void Add(DeclaredBinding binding)
    {
        lock (_lock)
        {
            _bindings[binding.Key] = binding;
            _leading = Leading();
        }
    }

    public void Remove(DeclaredBinding binding)
    {
        lock (_lock)
        {
            _bindings.Remove(binding.Key);
            _leading = Leading();
        }
    }

    /// <summary>Everything that is remembered, in the order in which it can be declared.</summary>
    public (IReadOnlyList<DeclaredExchange>, IReadOnlyList<DeclaredQueue>, IReadOnlyList<DeclaredBinding>) Snapshot()
    {
        lock (_lock)
            return ([.. _exchanges.Values], [.. _queues.Values], [.. _bindings.Values]);
    }

    // Under the lock.
    FrozenSet<string> Leading()
    {
        var leading = _bindings.Values
            .Where(binding => binding.IsToQueue && binding.RoutingKey.Length == 0)
            .Select(binding => binding.Source)
            .ToHashSet(StringComparer.Ordinal);

        while (_bindings.Values.Any(binding =>
            !binding.IsToQueue && binding.RoutingKey.Length == 0 && leading.Contains(binding.Destination) && leading.Add(binding.Source)))
        {
            // One round more for each exchange between a publisher and a queue.
        }

        return leading.ToFrozenSet(StringComparer.Ordinal);
    }
}

/// <summary>A durable queue.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">What it is declared with.</param>
/// <param name="IsDelay">Whether it holds delayed messages: nobody consumes from it.</param>
/// <param name="GivenBackTo">Where its messages belong that it has kept while the way there was missing; null if it keeps none.</param>
sealed record DeclaredQueue(
    string Name, IDictionary<string, object?>? Arguments, bool IsDelay = false, WayToQueue? GivenBackTo = null);

/// <summary>A queue and the exchange that leads there and nowhere else.</summary>
sealed record WayToQueue(string Queue, string Exchange);

/// <summary>A durable exchange.</summary>
sealed record DeclaredExchange(string Name, string Type, IDictionary<string, object?>? Arguments = null);

/// <summary>A binding from an exchange to a queue or to another exchange.</summary>
sealed record DeclaredBinding(
    string Source, string Destination, bool IsToQueue, string RoutingKey, IDictionary<string, object?>? Arguments = null)
{
    public (string Source, string Destination, bool IsToQueue, string RoutingKey) Key => (Source, Destination, IsToQueue, RoutingKey);
}
