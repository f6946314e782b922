using System.Globalization;
using MassTransit.Context;

namespace Maestro.Bus.Riders;

/// <summary>Writes a record, as it is, to the topic of its next retry.</summary>
sealed class RetryTopicContext(StreamReceiveContext received) : MessageRedeliveryContext
{
    public async Task ScheduleRedelivery(TimeSpan delay, Action<ConsumeContext, SendContext>? callback)
    {
        var (record, endpoint) = (received.Record, received.Endpoint);
        var (rider, settings) = (endpoint.Rider, endpoint.Settings);
        var headers = Origin.AddTo(record, settings.Group);
        var now = rider.Time.GetUtcNow();
        headers.Set(StreamHeaders.Delayed, now.ToString("O", CultureInfo.InvariantCulture));
        headers.Set(StreamHeaders.Due, (now + delay).ToString("O", CultureInfo.InvariantCulture));

        var changes = new MessageSendContext<Changes>(Changes.None);
        callback?.Invoke(null!, changes);
        foreach (var (name, value) in changes.Headers.GetAll())
        {
            if (value is not null)
                headers.Set(name, Convert.ToString(value, CultureInfo.InvariantCulture)!);
        }

        var retry = int.TryParse(headers.Get(FailureHeaders.Attempts), CultureInfo.InvariantCulture, out var attempts) ? attempts : 1;
        await rider.PutAside(new OutgoingRecord(settings.RetryTopic(retry), record.Key, record.Value, headers), record)
            .ConfigureAwait(false);
        rider.Metrics.Retried(settings.Topic);
    }

    /// <summary>Stands for the message, of which only headers change.</summary>
    sealed class Changes
    {
        public static Changes None { get; } = new();
    }
}
