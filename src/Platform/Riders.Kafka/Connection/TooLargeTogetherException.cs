namespace Maestro.Bus.Riders.Kafka;

/// <summary>A record was refused together with others that were sent at once; whether it is too large itself is not known.</summary>
sealed class TooLargeTogetherException(string topic) : Exception($"The topic '{topic}' takes less at once than was written.");
