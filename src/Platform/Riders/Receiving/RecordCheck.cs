using System.Globalization;

namespace Maestro.Bus.Riders;

/// <summary>
/// Reads the ids, addresses and numbers in a record's headers before its consumer runs. MassTransit 8.5 takes those of a record that it
/// cannot read for missing: an answer would go nowhere, after the consumer's effects.
/// </summary>
sealed class RecordCheck : IFilter<ConsumeContext>
{
    const int LongestValue = 100;
    const int GreatestNumber = 1_000_000;

    static readonly string[] Ids = [MessageHeaders.RequestId, MessageHeaders.ConversationId, MessageHeaders.InitiatorId];

    static readonly string[] Addresses = [MessageHeaders.SourceAddress, MessageHeaders.ResponseAddress, MessageHeaders.FaultAddress];

    static readonly string[] Numbers = [FailureHeaders.Attempts, MessageHeaders.RedeliveryCount];

    public void Probe(ProbeContext context) => context.CreateFilterScope("recordCheck");

    /// <exception cref="InvalidMessageException">A header cannot be read.</exception>
    public Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        if (context.TryGetPayload(out StreamRecord? record))
        {
            Check(record.Headers, Ids, text => Guid.TryParse(text, out _), "a GUID");
            Check(record.Headers, Addresses, text => Uri.TryCreate(text, UriKind.Absolute, out _), "an absolute address");
            Check(
                record.Headers, Numbers,
                text => int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= GreatestNumber,
                $"a whole number from 0 to {GreatestNumber}");
        }

        return next.Send(context);
    }

    static void Check(RecordHeaders headers, string[] names, Func<string, bool> isValid, string expected)
    {
        foreach (var name in names)
        {
            if (headers.Get(name) is { Length: > 0 } text && !isValid(text))
                throw new InvalidMessageException(
                    $"The record's header {name} is '{LogText.Clean(text, LongestValue)}', so that no consumer was given it. "
                    + $"Use {expected}.");
        }
    }
}
