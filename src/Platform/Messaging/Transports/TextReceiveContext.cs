using System.Net.Mime;
using MassTransit.Context;
using MassTransit.Middleware.Rescue;

namespace Maestro.Bus.Messaging;

/// <summary>
/// A message whose body has a byte order mark, another encoding than UTF-8 or a former name of an engine's message, as its consumers see
/// it: in UTF-8, with the names of today. Its dead letter has the body as it came.
/// </summary>
sealed class TextReceiveContext : ReceiveContextProxy, ReceiveContext
{
    TextReceiveContext(ReceiveContext received, string? charset, FormerNames? former)
        : base(received)
    {
        Received = received;
        Body = new Utf8Body(received.Body, charset, former);
        ContentType = charset is null ? received.ContentType : new ContentType(received.ContentType.MediaType);
    }

    /// <summary>The message as it came.</summary>
    public ReceiveContext Received { get; }

    /// <summary>The body in UTF-8. Reading it throws what makes a dead letter of a message whose charset is not known.</summary>
    public new MessageBody Body { get; }

    /// <summary>The content type without a charset, as that of the body is the usual one.</summary>
    public new ContentType? ContentType { get; }

    MessageBody ReceiveContext.Body => Body;

    ContentType ReceiveContext.ContentType => ContentType!;

    public override bool HasPayloadType(Type contextType) => contextType.IsInstanceOfType(this) || base.HasPayloadType(contextType);

    public override bool TryGetPayload<TPayload>(out TPayload payload)
    {
        if (this is not TPayload itself)
            return base.TryGetPayload(out payload);

        payload = itself;
        return true;
    }

    /// <summary>The message as it came.</summary>
    public static ReceiveContext AsReceived(ReceiveContext context) =>
        context.TryGetPayload(out TextReceiveContext? text) ? text.Received : context;

    /// <summary>Shows those messages in UTF-8 that are in another encoding, and engine's messages by the names of today.</summary>
    /// <param name="former">The names that these messages had; null if they had no others.</param>
    internal sealed class Filter(FormerNames? former) : IFilter<ReceiveContext>
    {
        public void Probe(ProbeContext context) => context.CreateFilterScope("bodyText");

        public Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
        {
            if (!BodyText.IsText(context.ContentType?.MediaType))
                return next.Send(context);

            var charset = context.ContentType?.CharSet is { Length: > 0 } named ? named : null;
            var body = context.Body.GetBytes();
            return next.Send(
                BodyText.IsUsual(body, charset) && former?.AreIn(body) is not true
                    ? context
                    : new TextReceiveContext(context, charset, former));
        }
    }

    /// <summary>Gives the dead letter of such a message the body that it came with.</summary>
    internal sealed class ReceivedFilter : IFilter<ExceptionReceiveContext>
    {
        public void Probe(ProbeContext context) => context.CreateFilterScope("receivedBody");

        public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next) =>
            next.Send(AsReceived(context) is var received && received == context
                ? context
                : new RescueExceptionReceiveContext(received, context.Exception));
    }

    sealed class Utf8Body(MessageBody received, string? charset, FormerNames? former) : MessageBody
    {
        MessageBody? _utf8;

        public long? Length => received.Length;

        MessageBody Read => _utf8 ??= new BytesMessageBody(
            BodyText.ToUtf8(received.GetBytes(), charset) is var utf8 && former is not null ? former.Replace(utf8) : utf8);

        public Stream GetStream() => Read.GetStream();

        public byte[] GetBytes() => Read.GetBytes();

        public string GetString() => Read.GetString();
    }
}
