namespace Maestro.Bus.Messaging;

/// <summary>
/// Declares the topics of event streams that a domain writes to and reads from. Without a rider the declarations change nothing: the
/// messages stay on the bus.
/// </summary>
public interface ITopicConfigurator
{
    /// <summary>
    /// Has every message of a type that the domain publishes written to a topic, too, with the same message id. With a rider its
    /// <c>ITopicProducer</c> of the type writes to the topic alone.
    /// </summary>
    /// <param name="topic">The topic's name, such as <c>orchestration.flows</c>.</param>
    /// <param name="key">What keeps messages in order: those of one key are read in the order they were written in. Without it, the
    /// message's correlation id.</param>
    /// <param name="write">Writes a message; null for JSON.</param>
    void Produces<T>(string topic, Func<T, string?>? key = null, Func<T, byte[]>? write = null)
        where T : class;

    /// <summary>Has the domain's consumers of a message type read it from a topic, and no longer from the bus.</summary>
    /// <param name="topic">The topic's name, such as <c>orchestration.flows</c>.</param>
    /// <param name="read">Reads a message; null for JSON. What it throws makes a record a dead letter that is unreadable.</param>
    void Consumes<T>(string topic, Func<byte[], T>? read = null)
        where T : class;
}
