using System.Text;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Riders.Tests;

/// <summary>
/// What the log has of an outage in which transactions come to nothing: a line when it begins, one a minute, one when it ends.
/// </summary>
public sealed class TransactionOutageTests(ScriptedBroker broker) : RiderScenario<ScriptedBroker>(broker)
{
    const int Tries = 3;

    static readonly StreamPartition Partition = new("orders", 0);
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    readonly ManualTimers _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    readonly LogLines _log = new();

    [Theory]
    [InlineData(true, "no transaction can begin: The broker is away")]
    [InlineData(false, "its transactions are given up: The broker is away")]
    public async Task An_outage_has_one_line_when_it_begins_one_a_minute_and_one_when_it_ends(bool isAtBegin, string reason)
    {
        var reads = 0;
        Broker.Plugin = new ScriptedPlugin((partitions, max) =>
        {
            // Once, and again after each transaction that was given up.
            if (max == 0 || reads > Broker.Plugin.Aborted.Items.Count)
                return [];
            if (reads++ == 0)
                partitions.Assigned([Partition]);
            return [Record()];
        });
        var failure = new InvalidOperationException("The broker is away.");
        Broker.Plugin.BeginFailure = isAtBegin ? failure : null;
        Broker.Plugin.CommitFailure = isAtBegin ? null : failure;

        await StartReader();
        await UntilTried(Tries);
        await Eventually.True(() => Task.FromResult(Lines().Count > 0), Limit, "the first line", Cancel);
        _time.Advance(TimeSpan.FromMinutes(1));
        await UntilTried(Broker.Plugin.Begun + Tries);
        (Broker.Plugin.BeginFailure, Broker.Plugin.CommitFailure) = (null, null);
        await Eventually.True(() => Task.FromResult(Lines().Count > 2), Limit, "the last line", Cancel);

        Assert.Equal(
            [
                (LogLevel.Warning, $"The records of the group {Group} wait: {reason}. It tries again until it can work on them"),
                (LogLevel.Warning, $"The records of the group {Group} have waited for 00:01:00: {reason}"),
                (LogLevel.Information, $"The records of the group {Group} wait no longer, after 00:01:00"),
            ],
            Lines());
    }

    List<(LogLevel Level, string Text)> Lines() =>
    [
        .. _log.Entries
            .Where(line => line.Level > LogLevel.Information || line.Text.StartsWith("The records of", StringComparison.Ordinal))
            .Select(line => (line.Level, line.Text)),
    ];

    Task UntilTried(int count) => Eventually.True(() => Task.FromResult(Broker.Plugin.Begun >= count), Limit, $"{count} tries", Cancel);

    Task StartReader() => Start(
        rider => rider.AddConsumer<RiderProbe<Measured>>(),
        (context, factory) => factory.TopicEndpoint<Measured>("orders", Group, (_, endpoint) =>
        {
            endpoint.Transactional = true;
            endpoint.ConfigureConsumer<RiderProbe<Measured>>(context);
        }),
        services => services
            .AddSingleton(new RiderHandler<Measured>(_ => Task.CompletedTask))
            .AddSingleton<TimeProvider>(_time)
            .AddLogging(logging => logging.AddProvider(_log)));

    static StreamRecord Record() => new(
        Partition, 0, Encoding.UTF8.GetBytes("key"), Encoding.UTF8.GetBytes(Json("place", 1)), new RecordHeaders(0),
        DateTimeOffset.UnixEpoch);
}
