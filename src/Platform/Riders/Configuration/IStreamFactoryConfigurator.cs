namespace Maestro.Bus.Riders;

/// <summary>Configures a rider.</summary>
public interface IStreamFactoryConfigurator
{
    /// <summary>Has a group read a topic whose records are messages of one type, where they do not say another.</summary>
    /// <param name="topic">The topic; one that begins with <c>^</c> is a regular expression.</param>
    /// <param name="group">The group that shares the work.</param>
    /// <param name="configure">Configures the endpoint, its consumers and sagas among them.</param>
    void TopicEndpoint<T>(string topic, string group, Action<IRiderRegistrationContext, IStreamEndpointConfigurator> configure)
        where T : class;

    /// <summary>
    /// Has a group read a topic whose records are messages of one type, where they do not say another; without a type, each has to say its
    /// own.
    /// </summary>
    void TopicEndpoint(
        Type? messageType, string topic, string group, Action<IRiderRegistrationContext, IStreamEndpointConfigurator> configure);

    /// <summary>Adds to how messages are sent by all of the rider's producers.</summary>
    void ConfigureSend(Action<ISendPipeConfigurator> configure);

    /// <summary>Creates a topic where it is not there.</summary>
    void Topic(TopicSpecification topic);

    /// <summary>Whether what fails for good is kept in <c>{topic}-dlq</c>.</summary>
    /// <value>The default is <c>true</c>.</value>
    bool KeepDeadLetters { set; }
}
