using Microsoft.Extensions.Options;

namespace Maestro.Bus.Scheduling;

/// <summary>Puts the consumer of scheduling messages on the endpoint that the options describe.</summary>
sealed class QuartzConsumerDefinition : ConsumerDefinition<ScheduleConsumer>
{
    public QuartzConsumerDefinition(IOptions<QuartzEndpointOptions> options)
    {
        EndpointName = options.Value.QueueName;
        Endpoint(endpoint =>
        {
            endpoint.PrefetchCount = options.Value.PrefetchCount;
            endpoint.ConcurrentMessageLimit = options.Value.ConcurrentMessageLimit;
        });
    }
}
