using System.Text;
using System.Text.RegularExpressions;

namespace Maestro.Bus.Admin;

/// <summary>Does something about dead letters.</summary>
public sealed partial class DeadLetterCommands(
    IDeadLetterOperations operations, IDeadLetterStore store, DeadLetterQueues queues, DeadLetterSelections selections)
{
    const int MostOperations = 100;

    /// <summary>Sends one to its queue again.</summary>
    /// <exception cref="DeadLetterProblem">There is no such one, or something has been done about it before.</exception>
    /// <returns>Why it has not reached its queue yet; null if it has.</returns>
    public Task<PendingView?> Retry(long id, string by, CancellationToken cancellationToken) =>
        Apply(id, new DeadLetterAction(DeadLetterActionKind.Retry, by), cancellationToken);

    /// <summary>Sends one to another queue.</summary>
    /// <exception cref="DeadLetterProblem">There is no such one, the queue is not known, or something has been done about it
    /// before.</exception>
    /// <returns>Why it has not reached its queue yet; null if it has.</returns>
    public Task<PendingView?> Redirect(long id, RedirectRequest request, string by, CancellationToken cancellationToken) =>
        Apply(id, new DeadLetterAction(DeadLetterActionKind.Redirect, by, Target(request.Queue, request.Create)), cancellationToken);

    /// <summary>Says that one is not wanted any more.</summary>
    /// <exception cref="DeadLetterProblem">There is no such one, or something has been done about it before.</exception>
    public Task Discard(long id, string by, CancellationToken cancellationToken) =>
        Apply(id, new DeadLetterAction(DeadLetterActionKind.Discard, by), cancellationToken);

    /// <summary>Has a discarded one wait again.</summary>
    /// <exception cref="DeadLetterProblem">There is no such one, or it is not discarded.</exception>
    public Task Restore(long id, string by, CancellationToken cancellationToken) =>
        Apply(id, new DeadLetterAction(DeadLetterActionKind.Restore, by), cancellationToken);

    /// <summary>Sends an edited copy of one.</summary>
    /// <exception cref="DeadLetterProblem">There is no such one, nothing is edited, or something has been done about it before.</exception>
    public async Task<EditedView> Edit(long id, EditRequest request, string by, CancellationToken cancellationToken)
    {
        if (request.Message is null && request.Headers is not { Count: > 0 })
            throw new DeadLetterProblem(
                DeadLetterProblemKind.Invalid, "Nothing is edited.", "Give a message or headers; to send it as it is, retry it.");

        if (request.Headers?.Keys.FirstOrDefault(DeadLetterHeaders.IsOfFailure) is { } header)
            throw new DeadLetterProblem(
                DeadLetterProblemKind.Invalid, $"The header {header} tells of failures, and the bus sets it itself.", "Leave it out.");

        await RefuseBrokenJson(id, request.Message, cancellationToken);
        var headers = (request.Headers ?? new Dictionary<string, string?>()).ToDictionary(pair => pair.Key, pair => (object?)pair.Value);
        var edit = new DeadLetterEdit(request.Message is { } message ? Encoding.UTF8.GetBytes(message) : null, headers, by);
        return await Known(id, () => operations.Edit(id, edit, cancellationToken)) is { } copy
            ? new EditedView(copy)
            : throw DeadLetterProblem.Unknown(id);
    }

    /// <summary>Begins to do something with many.</summary>
    /// <exception cref="DeadLetterProblem">It is not clear what, or with which ones.</exception>
    public async Task<OperationView> Begin(OperationRequest request, string by, CancellationToken cancellationToken)
    {
        if (!Enum.TryParse<DeadLetterActionKind>(request.Kind, ignoreCase: true, out var kind) || !Enum.IsDefined(kind)
            || char.IsAsciiDigit(request.Kind![0]))
            throw new DeadLetterProblem(
                DeadLetterProblemKind.Invalid, $"The kind of operation is '{request.Kind}'.",
                $"Use {string.Join(", ", Enum.GetNames<DeadLetterActionKind>().Select(name => name.ToLowerInvariant()))}.");

        var selection = request.Selection ?? new DeadLetterSelection();
        var filter = await selections.Filter(selection, DeadLetterSelections.Any, cancellationToken);
        if (filter.IsAll && !selection.All)
            throw new DeadLetterProblem(DeadLetterProblemKind.Invalid, "It is not said which dead letters are meant.",
                "Give a queue, a fingerprint or something else to select them by, or say all.");

        if (kind == DeadLetterActionKind.Purge && filter.FailedBefore is null)
            throw new DeadLetterProblem(
                DeadLetterProblemKind.Invalid, "It is not said how old they must be.", "Give the time before which they failed.");

        var target = kind == DeadLetterActionKind.Redirect ? Target(request.Queue, request.Create) : null;
        return DeadLetterViews.Of(await operations.Begin(filter, new DeadLetterAction(kind, by, target), cancellationToken));
    }

    /// <summary>The newest operations.</summary>
    public async Task<IReadOnlyList<OperationView>> Operations(CancellationToken cancellationToken) =>
        [.. (await operations.List(MostOperations, cancellationToken)).Select(DeadLetterViews.Of)];

    /// <summary>Shows an operation.</summary>
    /// <exception cref="DeadLetterProblem">There is no such one.</exception>
    public async Task<OperationView> Operation(long id, CancellationToken cancellationToken) =>
        DeadLetterViews.Of(await operations.Find(id, cancellationToken) ?? throw DeadLetterProblem.UnknownOperation(id));

    /// <summary>Stops an operation.</summary>
    /// <exception cref="DeadLetterProblem">There is no such one, or it is not running.</exception>
    public async Task<OperationView> Stop(long id, CancellationToken cancellationToken) =>
        await Changed(await operations.Stop(id, cancellationToken), id, DeadLetterOperation.Stopped, "Only a running one can be stopped.",
            cancellationToken);

    /// <summary>Has a stopped operation go on.</summary>
    /// <exception cref="DeadLetterProblem">There is no such one, or it is not stopped.</exception>
    public async Task<OperationView> Resume(long id, CancellationToken cancellationToken) =>
        await Changed(await operations.Resume(id, cancellationToken), id, DeadLetterOperation.Running, "Only a stopped one can be resumed.",
            cancellationToken);

    // Whoever asks for the state that it is in already has it.
    async Task<OperationView> Changed(bool isChanged, long id, string wanted, string remedy, CancellationToken cancellationToken)
    {
        var operation = await Operation(id, cancellationToken);
        return isChanged || operation.State == wanted
            ? operation
            : throw new DeadLetterProblem(DeadLetterProblemKind.Conflict, $"The operation {id} is {operation.State}.", remedy);
    }

    async Task<PendingView?> Apply(long id, DeadLetterAction action, CancellationToken cancellationToken)
    {
        var outcome = await Known(id, () => operations.Apply(id, action, cancellationToken)) ?? throw DeadLetterProblem.Unknown(id);
        return outcome.IsDelivered ? null : new PendingView("pending", outcome.Reason);
    }

    static async Task<T> Known<T>(long id, Func<Task<T>> apply)
    {
        try
        {
            return await apply();
        }
        catch (DeadLetterStateException exception)
        {
            throw new DeadLetterProblem(
                DeadLetterProblemKind.Conflict, exception.Message, $"Show the dead letter {id} to see what has become of it.");
        }
    }

    // What was JSON should be JSON: a slip would only come back as another dead letter.
    async Task RefuseBrokenJson(long id, string? message, CancellationToken cancellationToken)
    {
        if (message is null || (await store.Find(id, cancellationToken))?.ContentType?.Contains(
            "json", StringComparison.OrdinalIgnoreCase) != true)
            return;

        try
        {
            using var document = System.Text.Json.JsonDocument.Parse(message);
        }
        catch (System.Text.Json.JsonException exception)
        {
            throw new DeadLetterProblem(DeadLetterProblemKind.Invalid, "The message is no JSON.", exception.Message);
        }
    }

    string Target(string? queue, bool create)
    {
        if (queue is null || !QueueName().IsMatch(queue))
            throw new DeadLetterProblem(DeadLetterProblemKind.Invalid, $"The queue is '{queue}'.",
                "Name a queue with letters, digits, dots, colons, underscores and dashes.");

        return create || queues.Queues.Contains(queue)
            ? queue
            : throw new DeadLetterProblem(
                DeadLetterProblemKind.Invalid, $"This host has no queue '{queue}'.",
                $"It has {string.Join(", ", queues.Queues)}. If another program has it, say that it may be created.");
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._:-]{0,199}\z")]
    private static partial Regex QueueName();
}
