using System.Collections.Concurrent;
using MassTransit.Configuration;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>
/// Knows how many messages the endpoints of a plain bus take. An endpoint is seen before it is configured, and asked when it starts.
/// </summary>
sealed class EndpointLimits : IEndpointConfigurationObserver
{
    static readonly ReceiveLimits Unknown = new(16, 32);

    readonly ConcurrentBag<ReceiveEndpointConfiguration> _endpoints = [];

    public void EndpointConfigured<T>(T configurator)
        where T : IReceiveEndpointConfigurator
    {
        // Its address must not be asked for yet: MassTransit refuses what is configured after that.
        if (configurator is ReceiveEndpointConfiguration endpoint)
            _endpoints.Add(endpoint);
    }

    public ReceiveLimits Of(string queue)
    {
        if (_endpoints.FirstOrDefault(endpoint => Receivers.QueueOf(endpoint.InputAddress) == queue) is not { } endpoint)
            return Unknown;

        var prefetch = endpoint.PrefetchCount;
        var concurrency = endpoint.ConcurrentMessageLimit ?? prefetch;
        return new ReceiveLimits(concurrency, Math.Max(concurrency, prefetch));
    }
}
