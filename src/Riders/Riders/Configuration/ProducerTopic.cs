namespace MaestroBus.Riders;

/// <summary>A topic that a producer writes to, by the rider of one plug-in: known at start, and not only when the first message is on its way.</summary>
sealed record ProducerTopic<TPlugin>(string Topic, Type MessageType)
    where TPlugin : class, IStreamPlugin;
