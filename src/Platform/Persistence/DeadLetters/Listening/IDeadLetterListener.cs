using System.Text.Json;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Hears of every dead letter when it comes into the store: of those that no consumer was given, too, which publish no
/// <see cref="Fault{T}"/> (unreadable, expired, <c>process-ended</c>, thrown out by the broker). Register it as a singleton.
/// </summary>
public interface IDeadLetterListener
{
    /// <summary>
    /// Publishes what follows from a dead letter. What it publishes is sent if, and only if, the dead letter is stored. An exception is
    /// logged, and the dead letter is stored all the same.
    /// </summary>
    /// <param name="letter">The dead letter.</param>
    /// <param name="endpoint">Where to publish.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task Stored(ArrivedLetter letter, IPublishEndpoint endpoint, CancellationToken cancellationToken);
}

/// <summary>A dead letter, and its message as far as it can be read.</summary>
/// <param name="Letter">The dead letter.</param>
/// <param name="MessageTypes">The URNs of the message's types, as far as they are known.</param>
/// <param name="Message">The message as JSON; null if it cannot be read.</param>
public sealed record ArrivedLetter(DeadLetter Letter, IReadOnlyList<string> MessageTypes, JsonElement? Message)
{
    /// <summary>Tells whether the message is of a type.</summary>
    public bool Is<T>()
        where T : class =>
        MessageTypes.Contains(MessageUrn.ForTypeString<T>(), StringComparer.Ordinal);

    internal static ArrivedLetter Of(DeadLetter letter)
    {
        IReadOnlyList<string> types = letter.Ids.MessageTypes is { Count: > 0 } known
            ? known
            : letter.MessageType is { } one ? [one] : EnvelopeBody.MessageTypes(letter.Body, letter.ContentType);

        try
        {
            return new ArrivedLetter(letter, types, JsonElement.Parse(EnvelopeBody.Message(letter.Body, letter.ContentType).Span));
        }
        catch (JsonException)
        {
            // It is unreadable, or not JSON.
            return new ArrivedLetter(letter, types, null);
        }
    }
}
