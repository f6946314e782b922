using System.Runtime.Serialization;
using System.Text;

namespace Maestro.Bus.Messaging;

/// <summary>Gives a dead letter its id and its reason, and the whole exception as far as there is room for it: a broker refuses headers
/// that do not fit into one of its frames.</summary>
/// <param name="queue">What the line about it calls the queue.</param>
/// <param name="logger">Takes the line.</param>
/// <param name="metrics">Counts it; null if it is not counted.</param>
sealed class DeadLetterFilter(string queue, ILogger logger, MessageMetrics? metrics) : IFilter<ExceptionReceiveContext>
{
    /// <summary>What all headers together may take. A frame of RabbitMQ has 128 KiB.</summary>
    const int HeaderLimit = 96 * 1024;

    const int Shortened = 256;

    public void Probe(ProbeContext context) => context.CreateFilterScope("deadLetter");

    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        var reason = ReasonOf(context);
        Explain(context, reason);
        await next.Send(context);
        metrics?.Ended(queue, context, ConsumedOutcome.DeadLettered);
        Tell(logger, queue, context, reason);
    }

    /// <summary>Tells the log of a message that is in the dead letters now.</summary>
    public static void Tell(ILogger logger, string queue, ExceptionReceiveContext context, string reason) => MessageLog.DeadLettered(
        logger, queue, context, reason, context.ExceptionHeaders.Get<int>(FailureHeaders.Attempts) ?? 0, context.Exception);

    /// <summary>Writes the headers of a dead letter.</summary>
    public static void Explain(ExceptionReceiveContext context, string reason)
    {
        var headers = context.ExceptionHeaders;
        headers.Set(DeadLetterHeaders.Id, NewId.NextGuid().ToString("n"));
        headers.Set(MessageHeaders.Reason, reason);

        var room = HeaderLimit - SizeOf(context.TransportHeaders) - SizeOf(headers);
        if (room < 0)
        {
            foreach (var name in new[] { MessageHeaders.FaultStackTrace, MessageHeaders.FaultMessage })
            {
                if (headers.Get<string>(name) is { Length: > Shortened } text)
                    headers.Set(name, text[..Shortened]);
            }
        }

        if (room > 0)
            headers.Set(DeadLetterHeaders.Detail, FaultDetail.Pack(context.Exception.ToString(), room));
    }

    static string ReasonOf(ExceptionReceiveContext context)
    {
        for (var exception = context.Exception; exception is not null; exception = exception.InnerException)
        {
            if (exception is InvalidMessageException)
                return DeadLetterReason.Invalid;
            if (exception is ProcessEndedException)
                return DeadLetterReason.ProcessEnded;
            if (exception is SerializationException)
                return DeadLetterReason.Unreadable;
        }

        // What has not come as far as a consumer has not become a message.
        return context.TryGetPayload(out FailureRecord? _) || context.TryGetPayload(out ConsumerFaultContext? _)
            ? DeadLetterReason.Fault
            : DeadLetterReason.Unreadable;
    }

    static int SizeOf(Headers headers) => headers.GetAll()
        .Sum(header => Encoding.UTF8.GetByteCount(header.Key) + Encoding.UTF8.GetByteCount(header.Value?.ToString() ?? "") + 8);
}
