using System.Runtime.Serialization;
using System.Text;

namespace MaestroBus.Messaging;

/// <summary>Gives a dead letter its id and its reason, and the whole exception as far as there is room for it: a broker refuses headers that do not fit into one of its frames.</summary>
sealed class DeadLetterFilter : IFilter<ExceptionReceiveContext>
{
    /// <summary>What all headers together may take. A frame of RabbitMQ has 128 KiB.</summary>
    const int HeaderLimit = 96 * 1024;

    const int Shortened = 256;

    public void Probe(ProbeContext context) => context.CreateFilterScope("deadLetter");

    public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        Explain(context, ReasonOf(context));
        return next.Send(context);
    }

    /// <summary>Writes the headers of a dead letter.</summary>
    public static void Explain(ExceptionReceiveContext context, string reason)
    {
        var headers = context.ExceptionHeaders;
        headers.Set(DeadLetterHeaders.Id, NewId.NextGuid().ToString("n"));
        headers.Set(MessageHeaders.Reason, reason);

        var room = HeaderLimit - SizeOf(context.TransportHeaders) - SizeOf(headers);
        if (room < 0)
            foreach (var name in new[] { MessageHeaders.FaultStackTrace, MessageHeaders.FaultMessage })
                if (headers.Get<string>(name) is { Length: > Shortened } text)
                    headers.Set(name, text[..Shortened]);

        if (room > 0)
            headers.Set(DeadLetterHeaders.Detail, FaultDetail.Pack(context.Exception.ToString(), room));
    }

    static string ReasonOf(ExceptionReceiveContext context)
    {
        for (var exception = context.Exception; exception is not null; exception = exception.InnerException)
        {
            if (exception is InvalidMessageException)
                return DeadLetterReason.Invalid;
            if (exception is SerializationException)
                return DeadLetterReason.Unreadable;
        }

        // What has not come as far as a consumer has not become a message.
        return context.TryGetPayload(out FailureRecord? _) || context.TryGetPayload(out ConsumerFaultContext? _) ? DeadLetterReason.Fault : DeadLetterReason.Unreadable;
    }

    static int SizeOf(Headers headers) => headers.GetAll().Sum(header => Encoding.UTF8.GetByteCount(header.Key) + Encoding.UTF8.GetByteCount(header.Value?.ToString() ?? "") + 8);
}
