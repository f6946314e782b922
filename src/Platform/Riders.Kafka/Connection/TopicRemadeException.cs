namespace Maestro.Bus.Riders.Kafka;

/// <summary>
/// A consumer has to be made anew, because its client would take another topic of the same name for the one that it has read.
/// </summary>
sealed class TopicRemadeException(string topic) : Exception($"The topic '{topic}' was deleted and made again. The consumer is made anew.");
