namespace Maestro.Bus.Messaging;

/// <summary>Names the queue that takes what has failed for good or that nobody handles.</summary>
sealed class DeadLetterQueueNames : IErrorQueueNameFormatter, IDeadLetterQueueNameFormatter
{
    public string FormatErrorQueueName(string queueName) => Of(queueName);

    public string FormatDeadLetterQueueName(string queueName) => Of(queueName);

    public static string Of(string queue) => $"{queue}-dlq";
}
