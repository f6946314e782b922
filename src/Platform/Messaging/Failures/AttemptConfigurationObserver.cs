using MassTransit.Configuration;
using MassTransit.Courier.Contracts;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Puts the <see cref="AttemptFilter{T}"/> before every message of an endpoint, and redelivery into its routing slips' activities.
/// </summary>
sealed class AttemptConfigurationObserver : ConfigurationObserver, IMessageConfigurationObserver
{
    readonly IConsumePipeConfigurator _endpoint;
    readonly QueueControl _control;
    readonly TimeProvider _time;

    public AttemptConfigurationObserver(IConsumePipeConfigurator endpoint, QueueControl control, TimeProvider time)
        : base(endpoint)
    {
        (_endpoint, _control, _time) = (endpoint, control, time);
        Connect(this);
    }

    public void MessageConfigured<TMessage>(IConsumePipeConfigurator configurator)
        where TMessage : class
    {
        if (typeof(TMessage) == typeof(RoutingSlip))
            configurator.AddPipeSpecification(new DelayedRedeliveryPipeSpecification<TMessage>());

        configurator.AddPipeSpecification(
            new FilterPipeSpecification<ConsumeContext<TMessage>>(new AttemptFilter<TMessage>(_control, _time)));
    }

    public override void BatchConsumerConfigured<TConsumer, TMessage>(
        IConsumerMessageConfigurator<TConsumer, Batch<TMessage>> configurator) =>
        MessageConfigured<TMessage>(_endpoint);

    public override void ActivityConfigured<TActivity, TArguments>(
        IExecuteActivityConfigurator<TActivity, TArguments> configurator, Uri compensateAddress)
    {
        base.ActivityConfigured(configurator, compensateAddress);
        configurator.Arguments(arguments =>
            arguments.AddPipeSpecification(Configure(new ExecuteContextRedeliveryPipeSpecification<TArguments>())));
    }

    public override void ExecuteActivityConfigured<TActivity, TArguments>(IExecuteActivityConfigurator<TActivity, TArguments> configurator)
    {
        base.ExecuteActivityConfigured(configurator);
        configurator.Arguments(arguments =>
            arguments.AddPipeSpecification(Configure(new ExecuteContextRedeliveryPipeSpecification<TArguments>())));
    }

    public override void CompensateActivityConfigured<TActivity, TLog>(ICompensateActivityConfigurator<TActivity, TLog> configurator)
    {
        base.CompensateActivityConfigured(configurator);
        configurator.Log(log => log.AddPipeSpecification(Configure(new CompensateContextRedeliveryPipeSpecification<TLog>())));
    }

    // A routing slip's activity turns what it throws into a fault of the slip, so that it is tried again from inside.
    TSpecification Configure<TSpecification>(TSpecification specification)
        where TSpecification : IRetryConfigurator
    {
        specification.SetRetryPolicy(_ => new ActivityRetryPolicy(_control));
        return specification;
    }
}
