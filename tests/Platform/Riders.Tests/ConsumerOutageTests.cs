using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Riders.Tests;

/// <summary>
/// What the log has of a time in which each consumer breaks: a line when it begins, one a minute, one when one reads on.
/// </summary>
public sealed class ConsumerOutageTests(ScriptedBroker broker) : RiderScenario<ScriptedBroker>(broker)
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    readonly ManualTimers _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    readonly LogLines _log = new();
    int _breaks;
    int _reads;
    volatile bool _isBroken = true;

    [Fact]
    public async Task There_is_one_line_when_it_begins_one_a_minute_and_one_when_it_ends()
    {
        await StartReader();
        await Broken(2);
        _time.Advance(Minute);
        await Broken(4);
        _isBroken = false;
        await ReadOn();
        // It has read for a moment only.
        Assert.Equal(2, Lines().Count);
        _time.Advance(Minute / 4);
        await Eventually.True(() => Task.FromResult(Lines().Count > 2), Limit, "the last line", Cancel);

        Assert.Equal(
            [
                (LogLevel.Warning, $"The consumer of the group {Group} has broken: It is fenced. Others take its place until one reads on"),
                (LogLevel.Warning, $"The consumers of the group {Group} have broken for 00:01:00: It is fenced"),
                (LogLevel.Information, $"The group {Group} is read on, after 00:01:15 in which its consumers broke"),
            ],
            Lines().Select(line => (line.Level, line.Text)));
        Assert.All(Lines(), line => Assert.Null(line.Exception));
        Assert.Contains(_log.Entries, line => line is { Level: LogLevel.Debug, Exception: InvalidOperationException });
    }

    [Fact]
    public async Task While_the_broker_is_away_its_own_lines_tell_of_it()
    {
        await StartReader(isAway: true);
        await Broken(3);

        Assert.Empty(Lines());
    }

    List<LogEntry> Lines() =>
    [
        .. _log.Entries.Where(line => line.Level > LogLevel.Information || line.Text.Contains("is read on", StringComparison.Ordinal)),
    ];

    Task Broken(int count) =>
        Eventually.True(() => Task.FromResult(Volatile.Read(ref _breaks) >= count), Limit, $"{count} consumers to break", Cancel);

    async Task ReadOn()
    {
        var before = Volatile.Read(ref _reads);
        await Eventually.True(() => Task.FromResult(Volatile.Read(ref _reads) > before + 2), Limit, "a consumer that reads", Cancel);
    }

    Task StartReader(bool isAway = false)
    {
        Broker.Plugin = new ScriptedPlugin((_, _) =>
        {
            if (!_isBroken)
            {
                Interlocked.Increment(ref _reads);
                return [];
            }

            Interlocked.Increment(ref _breaks);
            throw new InvalidOperationException("It is fenced.");
        })
        {
            IsAway = isAway,
        };
        return Start(
            rider => rider.AddConsumer<RiderProbe<Measured>>(),
            (context, factory) => factory.TopicEndpoint<Measured>(
                "orders", Group, (_, endpoint) => endpoint.ConfigureConsumer<RiderProbe<Measured>>(context)),
            services => services
                .AddSingleton(new RiderHandler<Measured>(_ => Task.CompletedTask))
                .AddSingleton<TimeProvider>(_time)
                .AddLogging(logging => logging.AddProvider(_log).AddFilter<LogLines>(typeof(StreamRider).FullName, LogLevel.Debug)));
    }
}
