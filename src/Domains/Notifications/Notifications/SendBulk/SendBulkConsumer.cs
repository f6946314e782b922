namespace MaestroBus.Notifications;

/// <summary>
/// Sends a bulk notification. What it has sent is saved now and then, and when an attempt fails, so that only the end of the process
/// repeats a few; each recipient's notification has the same id both times. A recipient who cannot be told yet holds up no others.
/// </summary>
[Job(Timeout = "1h", Concurrency = 2)]
public sealed partial class SendBulkConsumer(
    IEnumerable<INotificationChannel> channels, NotificationsSettings settings, ILogger<SendBulkConsumer> logger) : IJobConsumer<SendBulk>
{
    const int SavedEvery = 10;

    public async Task Run(JobContext<SendBulk> context)
    {
        var bulk = context.Job with { TenantId = context.Job.TenantId ?? context.TenantId()! };
        var channel = Validate(bulk);
        var state = context.TryGetJobState<BulkState>(out var saved) ? saved : new BulkState(0, 0, null);
        if (state.Next > 0)
            LogResumed(state.Next, bulk.Recipients.Count);

        var sending = new Sending(context, bulk, channel, state);
        MailDeferredException? deferral = null;

        try
        {
            // Those whom an earlier attempt could not tell have waited since.
            foreach (var number in state.Deferred ?? [])
                await Send(number);
            while (sending.State.Next < bulk.Recipients.Count)
                await Send(sending.State.Next);
            await sending.Save();
        }
        catch (Exception)
        {
            await SaveIfPossible(sending);
            throw;
        }

        state = sending.State;
        if (state.Deferred is { Count: > 0 and var deferred })
            throw new MailDeferredException(
                $"{deferred} of {bulk.Recipients.Count} recipients could not be told yet. {deferral?.Message}", deferral);

        LogDone(state.Next - state.Refused, state.Refused);
        if (state.Refused == bulk.Recipients.Count)
        {
            // A retry after the cause is removed sends to all recipients.
            await context.SaveJobState(new BulkState(0, 0, null));
            throw new InvalidMessageException(Result(bulk.Recipients.Count, state));
        }

        context.SetJobResult(Result(bulk.Recipients.Count, state));

        async Task Send(int number)
        {
            try
            {
                if (await sending.Send(number) is { } reason)
                    LogRefused(LogText.Clean(bulk.Recipients[number]), LogText.Clean(reason));
            }
            catch (MailDeferredException exception)
            {
                LogDeferred(LogText.Clean(bulk.Recipients[number]), LogText.Clean(exception.Message));
                deferral = exception;
                await sending.Defer(number);
            }
        }
    }

    // The failure of the attempt is the one to be told of.
    async Task SaveIfPossible(Sending sending)
    {
        try
        {
            await sending.Save();
        }
        catch (Exception exception)
        {
            LogNotSaved(exception);
        }
    }

    static string Result(int count, BulkState state) => state.Refused switch
    {
        0 => $"All {count} recipients were told.",
        var refused when refused == count => $"None of the {count} recipients could be told: {state.LastRefusal}",
        var refused => $"{count - refused} of {count} recipients were told, {refused} cannot be: {state.LastRefusal}",
    };

    INotificationChannel Validate(SendBulk bulk)
    {
        if (!TenantHeader.IsValid(bulk.TenantId))
            throw new InvalidMessageException($"SendBulk has no valid TenantId: '{bulk.TenantId}'. Name the tenant it is sent for.");
        if (bulk is { Recipients: null or { Count: 0 } } or { Text: null } || bulk.Recipients.Any(string.IsNullOrWhiteSpace))
            throw new InvalidMessageException("SendBulk lacks its Text or its Recipients, or one of them is empty. Set them all.");
        settings.Limits.Check(bulk.Recipients, bulk.Subject, bulk.Text);

        return channels.FirstOrDefault(channel => channel.Name.Equals(bulk.Channel, StringComparison.OrdinalIgnoreCase))
            ?? throw new InvalidMessageException(
                $"'{bulk.Channel}' is not a channel. Use one of {string.Join(", ", channels.Select(known => known.Name))}.");
    }

    [LoggerMessage(1, LogLevel.Information, "Goes on with recipient {Next} of {Count}")]
    partial void LogResumed(int next, int count);

    [LoggerMessage(2, LogLevel.Warning, "{Recipient} cannot be told: {Reason}")]
    partial void LogRefused(string recipient, string reason);

    [LoggerMessage(3, LogLevel.Information, "{Sent} were told, {Refused} cannot be")]
    partial void LogDone(int sent, int refused);

    [LoggerMessage(4, LogLevel.Warning, "{Recipient} cannot be told yet: {Reason}")]
    partial void LogDeferred(string recipient, string reason);

    [LoggerMessage(5, LogLevel.Warning, "How far the bulk notification has come could not be saved. Up to nine are sent again")]
    partial void LogNotSaved(Exception exception);

    /// <summary>One attempt, and how far it is.</summary>
    sealed class Sending(JobContext<SendBulk> context, SendBulk bulk, INotificationChannel channel, BulkState state)
    {
        int _unsaved;

        public BulkState State { get; private set; } = state;

        /// <summary>Tells a recipient. Returns why that can never be done; null if it is done.</summary>
        public async Task<string?> Send(int number)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            var notification = new SendNotification(
                DeterministicId.Of($"bulk/{context.JobId:N}/{number}"), bulk.TenantId, bulk.Channel, bulk.Recipients[number], bulk.Subject,
                bulk.Text);
            var refusal = (await channel.Send(notification, context.CancellationToken)).Refusal;
            await Reach(
                number, State with { Refused = State.Refused + (refusal is null ? 0 : 1), LastRefusal = refusal ?? State.LastRefusal });
            return refusal;
        }

        /// <summary>Leaves a recipient to the next attempt.</summary>
        public Task Defer(int number) => Reach(number, State, [number]);

        public async Task Save()
        {
            if (_unsaved == 0)
                return;

            await context.SaveJobState(State);
            _unsaved = 0;
        }

        async Task Reach(int number, BulkState reached, params IEnumerable<int> deferred)
        {
            State = reached with
            {
                Next = Math.Max(State.Next, number + 1),
                Deferred = [.. (State.Deferred ?? []).Where(known => known != number), .. deferred],
            };
            await context.SetJobProgress(State.Next - State.Deferred.Count, bulk.Recipients.Count);
            if (++_unsaved == SavedEvery)
                await Save();
        }
    }
}
