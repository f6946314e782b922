using System.Diagnostics.Metrics;

namespace Maestro.Bus.Messaging.Tests;

/// <summary>The series of the messages' metrics are bounded, and what is known keeps exact figures.</summary>
public sealed class MessageMetricsTests : IDisposable
{
    const string Known = "urn:message:Acme:Known";

    readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider(true);
    readonly MessageMetrics _metrics;

    public MessageMetricsTests() => _metrics = new MessageMetrics(_services.GetRequiredService<IMeterFactory>());

    [Fact]
    public void Ten_thousand_types_that_nobody_knows_take_no_series_from_a_known_one_and_none_is_lost()
    {
        for (var number = 0; number < 5_000; number++)
            _metrics.Sent($"urn:message:Foreign:T{number}");
        _metrics.Of("orders", Known);
        for (var number = 5_000; number < 10_000; number++)
            _metrics.Sent($"urn:message:Foreign:T{number}");
        _metrics.Sent(Known);
        _metrics.Sent(Known);

        var published = Read("messaging_messages_published_total");
        Assert.Equal(202, published.Count);
        Assert.Equal(2, published["Acme.Known"]);
        Assert.Equal(9_800, published["other"]);
        Assert.Equal(10_002, published.Values.Sum());
    }

    [Fact]
    public void Messages_of_MassTransit_itself_are_not_what_applications_send()
    {
        _metrics.Sent(MessageUrn.ForTypeString<Fault<MessageMetricsTests>>());
        _metrics.Sent("urn:message:MassTransit:Fault[[Acme:Known]]");
        _metrics.Sent("urn:message:MassTransitFan:Known");

        Assert.Equal(["MassTransitFan.Known"], Read("messaging_messages_published_total").Keys);
    }

    [Fact]
    public void Exceptions_of_generic_types_are_one_series_however_their_arguments_nest()
    {
        var messages = _metrics.Of("orders", Known);
        messages.Failed(messages.Begin(), FailedOutcome.Retried, new Odd<int>());
        messages.Failed(messages.Begin(), FailedOutcome.Retried, new Odd<List<Odd<string>>>());
        messages.Failed(messages.Begin(), FailedOutcome.DeadLettered, new TimeoutException("17"));

        Assert.Equal(
            [("Maestro.Bus.Messaging.Tests.MessageMetricsTests+Odd`1,orders", 2), ("System.TimeoutException,orders", 1)],
            Read("bus.errors.by_type").Select(series => (series.Key, series.Value)).Order());
    }

    [Fact]
    public void Every_outcome_of_a_queue_is_there_with_0_before_anything_has_happened_whoever_begins_to_listen_when()
    {
        _metrics.Declare("orders");
        _metrics.Of("orders", Known);

        Assert.Equal(8, Read("messaging_messages_consumed_total").Count(series => series.Value == 0));
        Assert.Equal(6, Read("messaging_errors_total").Count(series => series.Value == 0));
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _services.Dispose();
    }

    // By the values of the labels in the order of the labels' names.
    Dictionary<string, long> Read(string instrument)
    {
        var read = new Dictionary<string, long>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (published, listener) =>
            {
                if (published.Name == instrument && published.Meter.Scope == _services.GetRequiredService<IMeterFactory>())
                    listener.EnableMeasurementEvents(published);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => read[string.Join(',', tags.ToArray()
            .OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => tag.Value))] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return read;
    }

    sealed class Odd<T> : Exception;
}
