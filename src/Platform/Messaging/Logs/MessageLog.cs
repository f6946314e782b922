namespace Maestro.Bus.Messaging;

/// <summary>The lines about messages and queues that an operator looks for, each with the same properties.</summary>
static partial class MessageLog
{
    const string Unknown = "A message";

    public static void Retried<T>(ILogger logger, string queue, ConsumeContext<T> context, int attempt, TimeSpan delay, Exception exception)
        where T : class =>
        Retried(
            logger, typeof(T).Name, context.MessageId, queue, attempt, delay, LogText.Reason(exception), Tenant(context.TenantId()),
                Correlation(context));

    /// <summary>Notes what the line about a dead letter says of its message, while that can be read.</summary>
    public static void Note<T>(ConsumeContext<T> context)
        where T : class
    {
        if (Readable(() => new Told(typeof(T).Name, context.MessageId, context.TenantId(), Correlation(context))) is { } told)
            context.ReceiveContext.AddOrUpdatePayload(() => told, _ => told);
    }

    /// <summary>Tells of a message that has been dead-lettered, as far as it could be read.</summary>
    public static void DeadLettered(ILogger logger, string queue, ReceiveContext context, string reason, int attempts, Exception exception)
    {
        var told = context.TryGetPayload(out Told? known) ? known : Readable(() => new Told(
            LogText.Clean(context.TransportHeaders.Get<string>(MessageHeaders.MessageType)) is { Length: > 0 } type ? type : Unknown,
            context.GetMessageId(), context.TransportHeaders.Get<string>(TenantHeader.Name), context.GetCorrelationId()));
        told ??= new Told(Unknown, null, null, null);
        DeadLettered(logger, told.Type, told.Id, queue, attempts, reason, LogText.Reason(exception), Tenant(told.Tenant), told.Correlation);
    }

    static Told? Readable(Func<Told> read)
    {
        try
        {
            return read();
        }
        catch (Exception)
        {
            // Whatever a reader throws of an id or a header, which may be why the message has failed: the line does without.
            return null;
        }
    }

    static string Tenant(string? tenant) => tenant is null ? "unknown" : LogText.Clean(tenant, 64);

    static Guid? Correlation(ConsumeContext context) => context.CorrelationId ?? context.ConversationId;

    [LoggerMessage(50, LogLevel.Information,
        "{MessageType} {MessageId} of {Queue} has failed, for the {Attempt}. time, and is tried again in {Delay}: {Reason} "
        + "(tenant {Tenant}, correlation {CorrelationId})")]
    static partial void Retried(
        ILogger logger, string messageType, Guid? messageId, string queue, int attempt, TimeSpan delay, string reason, string tenant,
        Guid? correlationId);

    [LoggerMessage(51, LogLevel.Warning,
        "{MessageType} {MessageId} of {Queue} is dead-lettered after {Attempts} attempts ({Cause}): {Reason} "
        + "(tenant {Tenant}, correlation {CorrelationId})")]
    static partial void DeadLettered(
        ILogger logger, string messageType, Guid? messageId, string queue, int attempts, string cause, string reason, string tenant,
        Guid? correlationId);

    [LoggerMessage(52, LogLevel.Warning,
        "The circuit breaker of {Queue} for {Dependency} has opened: {Reason}. Its messages wait, and one at a time "
        + "finds out whether it is over")]
    public static partial void BreakerOpened(ILogger logger, string queue, string dependency, string reason);

    [LoggerMessage(53, LogLevel.Warning, "The circuit breaker of {Queue} for {Dependency} has been open for {Duration}: {Reason}")]
    public static partial void BreakerIsOpen(ILogger logger, string queue, string dependency, TimeSpan duration, string reason);

    [LoggerMessage(54, LogLevel.Warning, "The circuit breaker of {Queue} for {Dependency} has closed after {Duration}")]
    public static partial void BreakerClosed(ILogger logger, string queue, string dependency, TimeSpan duration);

    sealed record Told(string Type, Guid? Id, string? Tenant, Guid? Correlation);
}
