namespace MaestroBus.Ingress;

/// <summary>Publishes a webhook and waits until the broker has it.</summary>
sealed partial class WebhookPublisher(IBusControl bus, IngressSettings settings, TimeProvider time, ILogger<WebhookPublisher> logger)
{
    // Long enough for a broker that is back before its queue's consumer has noticed; short enough not to pile up requests while it is gone.
    static readonly TimeSpan LostBrokerTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>Publishes a webhook; <c>false</c> where the broker did not confirm it in time.</summary>
    /// <exception cref="PublishLimitException">There are more webhooks than this process may publish.</exception>
    public async Task<bool> TryPublish(AcceptWebhook webhook, Guid messageId)
    {
        var health = bus.CheckHealth();
        if (health.Status == BusHealthStatus.Unhealthy)
        {
            BusIsDown(webhook.WebhookId, webhook.Provider, health.Description);
            return false;
        }

        // The sender's hanging up does not end the publishing: a transport drops its channel with a send that is cancelled, and everybody
        // else's sends with it. The time-out does end it, the transport's own retries included, so that nothing is published behind the
        // back of the answer.
        var limit = HasLostTheBroker(health) && settings.PublishTimeout > LostBrokerTimeout ? LostBrokerTimeout : settings.PublishTimeout;
        using var timeout = new CancellationTokenSource(limit, time);

        try
        {
            await bus.Publish(webhook, message => Address(message, messageId), timeout.Token).WaitAsync(timeout.Token);
            return true;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            NotConfirmed(webhook.WebhookId, webhook.Provider, limit);
            return false;
        }
        catch (Exception exception) when (exception is not PublishLimitException)
        {
            // Each transport throws its own exceptions, and whichever it is: the sender must keep the webhook.
            NotPublished(webhook.WebhookId, webhook.Provider, LogText.Clean(exception.Message));
            return false;
        }
    }

    static bool HasLostTheBroker(BusHealthResult health) => health.Endpoints.Values.Any(endpoint =>
        endpoint.Status == BusHealthStatus.Unhealthy
            && endpoint.InputAddress?.AbsolutePath.EndsWith($"/{IngressDomain.QueueName}", StringComparison.Ordinal) == true);

    void Address(PublishContext<AcceptWebhook> message, Guid messageId)
    {
        message.MessageId = messageId;
        message.ConversationId = messageId;
        // A message that no queue takes is not in the bus: a broker that can tell must say so.
        message.Mandatory = true;
        message.SetTenantId(message.Message.TenantId);
        message.SetPriority(settings.Priorities.GetValueOrDefault(message.Message.EventType, MessagePriority.Default));
    }

    [LoggerMessage(3, LogLevel.Warning, "{WebhookId} of {Provider} was not taken because the bus is down: {Description}")]
    partial void BusIsDown(string webhookId, string provider, string description);

    [LoggerMessage(4, LogLevel.Warning, "{WebhookId} of {Provider} was not taken because the broker did not confirm it within {Timeout}")]
    partial void NotConfirmed(string webhookId, string provider, TimeSpan timeout);

    [LoggerMessage(5, LogLevel.Error, "{WebhookId} of {Provider} was not taken because publishing it failed: {Reason}")]
    partial void NotPublished(string webhookId, string provider, string reason);
}
