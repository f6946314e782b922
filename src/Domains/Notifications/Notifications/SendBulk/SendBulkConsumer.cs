namespace MaestroBus.Notifications;

/// <summary>
/// Sends a bulk notification. What it has sent is saved now and then, so that an interruption repeats a few at most; each recipient's
/// notification has the same id both times.
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

        while (state.Next < bulk.Recipients.Count)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            var notification = new SendNotification(
                DeterministicId.Of($"bulk/{context.JobId:N}/{state.Next}"), bulk.TenantId, bulk.Channel, bulk.Recipients[state.Next],
                bulk.Subject, bulk.Text);
            var delivery = await channel.Send(notification, context.CancellationToken);

            if (delivery.Refusal is { } reason)
                LogRefused(LogText.Clean(notification.Recipient), LogText.Clean(reason));

            state = delivery.Refusal is null
                ? state with { Next = state.Next + 1 }
                : new BulkState(state.Next + 1, state.Refused + 1, delivery.Refusal);
            await context.SetJobProgress(state.Next, bulk.Recipients.Count);
            if (state.Next % SavedEvery == 0 || state.Next == bulk.Recipients.Count)
                await context.SaveJobState(state);
        }

        LogDone(state.Next - state.Refused, state.Refused);
        context.SetJobResult(Result(bulk.Recipients.Count, state));
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
}
