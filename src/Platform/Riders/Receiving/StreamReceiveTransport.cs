using MassTransit.Transports;

namespace Maestro.Bus.Riders;

/// <summary>Starts and stops an endpoint's work.</summary>
sealed class StreamReceiveTransport(StreamEndpointContext context) : IReceiveTransport
{
    public ReceiveTransportHandle Start() => new StreamReceiver(context);

    public void Probe(ProbeContext probe) => context.Probe(probe);

    public ConnectHandle ConnectReceiveObserver(IReceiveObserver observer) => context.ConnectReceiveObserver(observer);

    public ConnectHandle ConnectReceiveTransportObserver(IReceiveTransportObserver observer) =>
        context.ConnectReceiveTransportObserver(observer);

    public ConnectHandle ConnectPublishObserver(IPublishObserver observer) => context.ConnectPublishObserver(observer);

    public ConnectHandle ConnectSendObserver(ISendObserver observer) => context.ConnectSendObserver(observer);
}
