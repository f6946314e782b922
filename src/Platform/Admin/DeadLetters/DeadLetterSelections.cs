namespace Maestro.Bus.Admin;

/// <summary>
/// Makes filters of what callers select. What can match nothing, now or later, is refused: a slip would look like a queue without any.
/// </summary>
public sealed class DeadLetterSelections(IDeadLetterStore store, DeadLetterQueues queues, TopicDeclarations topics)
{
    /// <summary>Says that the state does not matter.</summary>
    public const string Any = "any";

    /// <summary>The filter; without a state, of those that wait.</summary>
    /// <exception cref="DeadLetterProblem">The queue, the reason or the state is none, or something else can match nothing.</exception>
    public async Task<DeadLetterFilter> Filter(DeadLetterSelection selection, string? state, CancellationToken cancellationToken)
    {
        var filter = new DeadLetterFilter
        {
            Queue = selection.Queue,
            Tenant = Tenant(selection.Tenant),
            Fingerprint = Fingerprint(selection.Fingerprint),
            ExceptionType = selection.ExceptionType,
            MessageType = selection.MessageType,
            Reason = Reason(selection.Reason),
            MessageId = selection.MessageId,
            Text = selection.Text,
            FailedFrom = selection.From,
            FailedBefore = selection.Before,
            State = State(state),
        };

        if (selection.From >= selection.Before)
            throw Wrong($"From is {selection.From:u}, which is not before {selection.Before:u}.",
                "Give an earlier time from which, or a later one before which they failed.");

        await RefuseUnknownQueue(filter.Queue, cancellationToken);
        return filter;
    }

    async Task RefuseUnknownQueue(string? queue, CancellationToken cancellationToken)
    {
        if (queue is null)
            return;

        var known = queues.Queues.Concat(topics.Consumed.Select(topic => topic.Topic)).Distinct().ToList();

        // Other hosts put theirs here, and so did this one when it had other queues.
        if (known.Contains(queue) || await store.Count(new DeadLetterFilter { Queue = queue }, cancellationToken) > 0)
            return;

        throw Wrong($"There is no queue '{queue}', and no dead letter of one.", $"This host has {string.Join(", ", known)}.");
    }

    static string? Tenant(string? tenant) =>
        tenant is null || TenantHeader.IsValid(tenant) ? tenant : throw Wrong($"The tenant is '{tenant}'.", TenantHeader.Rule);

    static string? Fingerprint(string? fingerprint) =>
        fingerprint is null || (fingerprint.Length == DeadLetterGroup.FingerprintLength && fingerprint.All(char.IsAsciiHexDigitLower))
            ? fingerprint
            : throw Wrong($"The fingerprint is '{fingerprint}'.",
                $"Use {DeadLetterGroup.FingerprintLength} hexadecimal digits, as the list of groups has them.");

    static string? Reason(string? reason) => reason is null || DeadLetterReason.All.Contains(reason)
        ? reason
        : throw Wrong($"The reason is '{reason}'.", $"Use {string.Join(", ", DeadLetterReason.All)}.");

    static DeadLetterState? State(string? state) => state switch
    {
        null or "" => DeadLetterState.Waiting,
        Any => null,
        _ when !char.IsAsciiDigit(state[0]) && Enum.TryParse<DeadLetterState>(state, ignoreCase: true, out var known)
            && Enum.IsDefined(known) => known,
        _ => throw Wrong($"The state is '{state}'.",
            $"Use {string.Join(", ", Enum.GetNames<DeadLetterState>().Select(name => name.ToLowerInvariant()))} or {Any}."),
    };

    static DeadLetterProblem Wrong(string title, string remedy) => new(DeadLetterProblemKind.Invalid, title, remedy);
}
