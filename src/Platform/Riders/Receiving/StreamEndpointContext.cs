using MassTransit.Configuration;
using MassTransit.Transports;

namespace Maestro.Bus.Riders;

/// <summary>An endpoint's context: what its consumers publish and send goes to the bus.</summary>
sealed class StreamEndpointContext(StreamRider rider, StreamEndpointSettings settings, IReceiveEndpointConfiguration configuration)
    : BaseReceiveEndpointContext(rider.Bus.HostConfiguration, configuration)
{
    public StreamRider Rider => rider;

    public StreamEndpointSettings Settings => settings;

    /// <summary>Creates the topics of the dead letters of those that a pattern has turned out to stand for.</summary>
    public void CreateDeadLetters(IEnumerable<string> topics)
    {
        if (settings is { IsPattern: true, Create: not null }
            && topics.Select(topic => settings.CreatedDeadLetters(topic, rider.DeadLetterRetention)).ToList() is { Count: > 0 } missing)
            rider.CreateToo(missing);
    }

    public override void AddSendAgent(IAgent agent) => throw NoTransport();

    public override void AddConsumeAgent(IAgent agent) => throw NoTransport();

    public override Exception ConvertException(Exception exception, string message) => new ConnectionException(message, exception);

    protected override ISendTransportProvider CreateSendTransportProvider() => throw NoTransport();

    protected override IPublishTransportProvider CreatePublishTransportProvider() => throw NoTransport();

    protected override IPublishEndpointProvider CreatePublishEndpointProvider() => rider.Bus.Bus;

    protected override ISendEndpointProvider CreateSendEndpointProvider() => rider.Bus.Bus;

    static NotSupportedException NoTransport() =>
        new("A rider's endpoint has no transport of its own; what it sends goes through the bus.");
}
