using System.Net.Mime;
using MassTransit.Configuration;
using MassTransit.Transports;

namespace Maestro.Bus.Riders;

/// <summary>Passes everything on to an endpoint's configurator: a plug-in derives from it to offer more.</summary>
/// <param name="endpoint">The endpoint's configurator.</param>
public abstract class StreamEndpointConfiguratorProxy(IStreamEndpointConfigurator endpoint) : IStreamEndpointConfigurator
{
    /// <inheritdoc />
    public StreamPosition Start
    {
        set => endpoint.Start = value;
    }

    /// <inheritdoc />
    public bool Transactional
    {
        set => endpoint.Transactional = value;
    }

    /// <inheritdoc />
    public TimeSpan HandOverLimit
    {
        set => endpoint.HandOverLimit = value;
    }

    /// <inheritdoc />
    public IDictionary<string, string> Properties => endpoint.Properties;

    /// <inheritdoc />
    public Uri InputAddress => endpoint.InputAddress;

    /// <inheritdoc />
    public bool AutoStart
    {
        set => endpoint.AutoStart = value;
    }

    /// <inheritdoc />
    public bool ConfigureConsumeTopology
    {
        set => endpoint.ConfigureConsumeTopology = value;
    }

    /// <inheritdoc />
    public bool PublishFaults
    {
        set => endpoint.PublishFaults = value;
    }

    /// <inheritdoc />
    public int PrefetchCount
    {
        get => endpoint.PrefetchCount;
        set => endpoint.PrefetchCount = value;
    }

    /// <inheritdoc />
    public int? ConcurrentMessageLimit
    {
        get => endpoint.ConcurrentMessageLimit;
        set => endpoint.ConcurrentMessageLimit = value;
    }

    /// <inheritdoc />
    public ContentType DefaultContentType
    {
        set => endpoint.DefaultContentType = value;
    }

    /// <inheritdoc />
    public ContentType SerializerContentType
    {
        set => endpoint.SerializerContentType = value;
    }

    /// <inheritdoc />
    public void UseRetryTopics(QueuePolicy policy) => endpoint.UseRetryTopics(policy);

    /// <inheritdoc />
    public virtual void ReadKeyOf<TKey>(Func<StreamRecord, TKey> read) => endpoint.ReadKeyOf(read);

    /// <inheritdoc />
    public void ReadValue<T>(Func<StreamRecord, T?> read)
        where T : class =>
        endpoint.ReadValue(read);

    /// <inheritdoc />
    public void View(Func<StreamRecord, IRecordView> view) => endpoint.View(view);

    /// <inheritdoc />
    public void CreateIfMissing(int? partitions = null, short? replicas = null, TimeSpan? retention = null) =>
        endpoint.CreateIfMissing(partitions, replicas, retention);

    /// <inheritdoc />
    public void ConfigureMessageTopology<T>(bool enabled = true)
        where T : class =>
        endpoint.ConfigureMessageTopology<T>(enabled);

    /// <inheritdoc />
    public void ConfigureMessageTopology(Type messageType, bool enabled = true) => endpoint.ConfigureMessageTopology(messageType, enabled);

    /// <inheritdoc />
    public void AddEndpointSpecification(IReceiveEndpointSpecification configurator) => endpoint.AddEndpointSpecification(configurator);

    /// <inheritdoc />
    public void AddSerializer(ISerializerFactory factory, bool isSerializer = true) => endpoint.AddSerializer(factory, isSerializer);

    /// <inheritdoc />
    public void AddDeserializer(ISerializerFactory factory, bool isDefault = false) => endpoint.AddDeserializer(factory, isDefault);

    /// <inheritdoc />
    public void ClearSerialization() => endpoint.ClearSerialization();

    /// <inheritdoc />
    public void AddDependency(IReceiveEndpointDependency dependency) => endpoint.AddDependency(dependency);

    /// <inheritdoc />
    public void AddDependent(IReceiveEndpointDependent dependent) => endpoint.AddDependent(dependent);

    /// <inheritdoc />
    public ConnectHandle ConnectReceiveEndpointObserver(IReceiveEndpointObserver observer) =>
        endpoint.ConnectReceiveEndpointObserver(observer);

    /// <inheritdoc />
    public void ConfigureReceive(Action<IReceivePipeConfigurator> callback) => endpoint.ConfigureReceive(callback);

    /// <inheritdoc />
    public void ConfigureDeadLetter(Action<IPipeConfigurator<ReceiveContext>> callback) => endpoint.ConfigureDeadLetter(callback);

    /// <inheritdoc />
    public void ConfigureError(Action<IPipeConfigurator<ExceptionReceiveContext>> callback) => endpoint.ConfigureError(callback);

    /// <inheritdoc />
    public void ConfigureTransport(Action<ITransportConfigurator> callback) => endpoint.ConfigureTransport(callback);

    /// <inheritdoc />
    public void ConfigureSend(Action<ISendPipeConfigurator> callback) => endpoint.ConfigureSend(callback);

    /// <inheritdoc />
    public void ConfigurePublish(Action<IPublishPipeConfigurator> callback) => endpoint.ConfigurePublish(callback);

    /// <inheritdoc />
    public void AddPipeSpecification(IPipeSpecification<ConsumeContext> specification) => endpoint.AddPipeSpecification(specification);

    /// <inheritdoc />
    public void AddPipeSpecification<T>(IPipeSpecification<ConsumeContext<T>> specification)
        where T : class =>
        endpoint.AddPipeSpecification(specification);

    /// <inheritdoc />
    public void AddPrePipeSpecification(IPipeSpecification<ConsumeContext> specification) =>
        endpoint.AddPrePipeSpecification(specification);

    /// <inheritdoc />
    public ConnectHandle ConnectConsumerConfigurationObserver(IConsumerConfigurationObserver observer) =>
        endpoint.ConnectConsumerConfigurationObserver(observer);

    /// <inheritdoc />
    public ConnectHandle ConnectSagaConfigurationObserver(ISagaConfigurationObserver observer) =>
        endpoint.ConnectSagaConfigurationObserver(observer);

    /// <inheritdoc />
    public ConnectHandle ConnectHandlerConfigurationObserver(IHandlerConfigurationObserver observer) =>
        endpoint.ConnectHandlerConfigurationObserver(observer);

    /// <inheritdoc />
    public ConnectHandle ConnectActivityConfigurationObserver(IActivityConfigurationObserver observer) =>
        endpoint.ConnectActivityConfigurationObserver(observer);

    /// <inheritdoc />
    public void ConsumerConfigured<TConsumer>(IConsumerConfigurator<TConsumer> configurator)
        where TConsumer : class =>
        endpoint.ConsumerConfigured(configurator);

    /// <inheritdoc />
    public void ConsumerMessageConfigured<TConsumer, TMessage>(IConsumerMessageConfigurator<TConsumer, TMessage> configurator)
        where TConsumer : class
        where TMessage : class =>
        endpoint.ConsumerMessageConfigured(configurator);

    /// <inheritdoc />
    public void SagaConfigured<TSaga>(ISagaConfigurator<TSaga> configurator)
        where TSaga : class, ISaga =>
        endpoint.SagaConfigured(configurator);

    /// <inheritdoc />
    public void StateMachineSagaConfigured<TInstance>(ISagaConfigurator<TInstance> configurator, SagaStateMachine<TInstance> stateMachine)
        where TInstance : class, ISaga, SagaStateMachineInstance =>
        endpoint.StateMachineSagaConfigured(configurator, stateMachine);

    /// <inheritdoc />
    public void SagaMessageConfigured<TSaga, TMessage>(ISagaMessageConfigurator<TSaga, TMessage> configurator)
        where TSaga : class, ISaga
        where TMessage : class =>
        endpoint.SagaMessageConfigured(configurator);

    /// <inheritdoc />
    public void HandlerConfigured<TMessage>(IHandlerConfigurator<TMessage> configurator)
        where TMessage : class =>
        endpoint.HandlerConfigured(configurator);

    /// <inheritdoc />
    public void ActivityConfigured<TActivity, TArguments>(
        IExecuteActivityConfigurator<TActivity, TArguments> configurator, Uri compensateAddress)
        where TActivity : class, IExecuteActivity<TArguments>
        where TArguments : class =>
        endpoint.ActivityConfigured(configurator, compensateAddress);

    /// <inheritdoc />
    public void ExecuteActivityConfigured<TActivity, TArguments>(IExecuteActivityConfigurator<TActivity, TArguments> configurator)
        where TActivity : class, IExecuteActivity<TArguments>
        where TArguments : class =>
        endpoint.ExecuteActivityConfigured(configurator);

    /// <inheritdoc />
    public void CompensateActivityConfigured<TActivity, TLog>(ICompensateActivityConfigurator<TActivity, TLog> configurator)
        where TActivity : class, ICompensateActivity<TLog>
        where TLog : class =>
        endpoint.CompensateActivityConfigured(configurator);
}
