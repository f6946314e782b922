namespace Maestro.Bus.Messaging;

/// <summary>How urgent a queue's work is, compared with the other queues'.</summary>
public enum QueuePriority
{
    Low,
    Medium,
    High,
}
