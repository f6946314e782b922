namespace Maestro.Bus.Riders;

/// <summary>
/// A topic that a producer writes to, by the rider of one plug-in: known at start, and not only when the first message is on its way.
/// </summary>
/// <param name="Topic">The topic.</param>
/// <param name="MessageType">The type of the messages.</param>
/// <param name="KeyType">The type of the keys; none where the producer has none of its own.</param>
/// <param name="Settings">What is declared of the producer: <see cref="ProducerSettings{T}"/>.</param>
/// <param name="Configure">Declares it, when the rider is made.</param>
sealed record ProducerTopic<TPlugin>(
    string Topic, Type MessageType, Type? KeyType, object Settings, Action<IRiderRegistrationContext> Configure)
    where TPlugin : class, IStreamPlugin;
