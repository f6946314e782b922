namespace MaestroBus.Messaging;

/// <summary>Names the queue that takes what has failed for good or that nobody handles.</summary>
sealed class DeadLetterQueueNames : IErrorQueueNameFormatter, IDeadLetterQueueNameFormatter
{
    public string FormatErrorQueueName(string queueName) => $"{queueName}-dlq";

    public string FormatDeadLetterQueueName(string queueName) => $"{queueName}-dlq";
}
