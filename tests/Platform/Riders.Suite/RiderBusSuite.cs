using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Maestro.Bus.Riders.Suite;

/// <summary>
/// What a whole bus with a database promises of every rider. A plug-in proves itself with a class that derives from this one.
/// </summary>
public abstract partial class RiderBusSuite<TBroker>(TBroker broker) : IClassFixture<TBroker>, IAsyncLifetime
    where TBroker : StreamBroker
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    readonly TemporaryFolder _folder = new();
    readonly string _shown = $"shown-{NewId.NextGuid():n}";
    readonly string _concluded = $"concluded-{NewId.NextGuid():n}";
    IHost? _host;

    protected TBroker Broker => broker;

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    IServiceProvider Services => _host!.Services;

    public async ValueTask InitializeAsync()
    {
        var builder = ValidatedHost.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Bus:Transport"] = "memory",
            ["Bus:Database:Path"] = _folder.At("state.db"),
            ["Bus:Database:Migrate"] = "true",
        });
        builder.Configuration.AddInMemoryCollection(RiderSettings);
        builder.Services.AddBus(builder.Configuration, [new MetersDomain(_shown, _concluded)], [], [CreateRider()]);
        _host = builder.Build();
        await _host.StartAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _host!.StopAsync(CancellationToken.None);
        await ((IAsyncDisposable)_host).DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected abstract IEnumerable<KeyValuePair<string, string?>> RiderSettings { get; }

    protected abstract BusRider CreateRider();

    DeadLetterSelections Selections => ActivatorUtilities.CreateInstance<DeadLetterSelections>(Services);

    [Fact]
    public async Task Dead_letters_of_a_topic_are_shown_grouped_edited_and_sent_back_like_those_of_a_queue()
    {
        byte[] oddKey = [0, 255, 1];
        await Write("broken", Shown("broken", 1), ("note", "first"u8.ToArray()), ("odd", [255, 0]));
        await Write("broken", Shown("broken", 2));
        await Write(oddKey, """{"meter":"x","value":"seven"}""");
        await UntilWaiting(3);
        var (queries, commands) = (ActivatorUtilities.CreateInstance<DeadLetterQueries>(Services, Selections),
            ActivatorUtilities.CreateInstance<DeadLetterCommands>(Services, Selections));
        var selection = new DeadLetterSelection { Queue = _shown };

        var groups = await queries.Groups(selection, null, Cancel);
        var letters = (await queries.List(selection, null, null, null, Cancel)).Items;
        var broken = letters.Where(letter => letter.Reason == DeadLetterReason.Fault).OrderBy(letter => letter.Id).ToList();
        var unreadable = Assert.Single(letters, letter => letter.Reason == DeadLetterReason.Unreadable);
        var details = await queries.Show(broken[0].Id, Cancel);

        Assert.Equal([1L, 2L], groups.Select(group => group.Count).Order());
        Assert.Equal(("The meter is broken.", 1), (broken[0].ExceptionMessage, broken[0].Attempts));
        Assert.Contains(nameof(MeterConsumer), details.Detail);
        Assert.Equal((_shown, "0", "broken", "first"), (details.Headers[StreamHeaders.Topic], details.Headers[StreamHeaders.Offset],
            details.Headers["MT-Stream-Key"], details.Headers["note"]));
        Assert.Contains("seven", (await queries.Show(unreadable.Id, Cancel)).Body);

        Services.GetRequiredService<Repair>().IsDone = true;
        await commands.Begin(
            new OperationRequest("retry", new DeadLetterSelection { Fingerprint = broken[0].Fingerprint }), "somebody", Cancel);
        await commands.Edit(unreadable.Id,
            new EditRequest("""{"meter":"x","value":7}""", new Dictionary<string, string?> { ["note"] = "edited" }), "somebody", Cancel);

        var readings = await UntilKept(3);
        Assert.Equal([("broken", 1, "first"), ("broken", 2, null), ("x", 7, "edited")],
            readings.Select(reading => (reading.Meter, reading.Value, reading.Note)).Order());
        var records = await Read(_shown, 6);
        var back = Assert.Single(records, record => record.Offset > 0 && record.Headers.Get("note") == "first");
        Assert.Equal("broken", Encoding.UTF8.GetString(back.Key!));
        Assert.Equal([255, 0], back.Headers.GetBytes("odd"));
        Assert.DoesNotContain(
            back.Headers, header => header.Key.StartsWith("MT-Fault", StringComparison.Ordinal) || header.Key == StreamHeaders.Offset);
        Assert.Equal(oddKey, Assert.Single(records, record => record.Headers.Get("note") == "edited").Key);
        await UntilWaiting(0);
    }

    [Fact]
    public async Task A_record_that_is_sent_back_has_its_key_its_value_and_all_its_headers_as_they_were()
    {
        byte[]?[] keys = [null, [], [0, 255], "key"u8.ToArray()];
        await using (var plugin = broker.CreatePlugin())
        {
            for (var number = 0; number < keys.Length; number++)
                await plugin.Produce(
                    new OutgoingRecord(_shown, keys[number], "no meter"u8.ToArray(), Headers(number), Partition: 0), Cancel);
        }

        await UntilWaiting(keys.Length);
        var store = Services.GetRequiredService<IDeadLetterStore>();
        var letters = await store.List(new DeadLetterFilter { State = DeadLetterState.Waiting }, null, 10, Cancel);
        Approved.Verify(await Stored(), "record-dead-letter");

        var commands = ActivatorUtilities.CreateInstance<DeadLetterCommands>(Services, Selections);
        foreach (var letter in letters)
            await commands.Retry(letter.Id, "somebody", Cancel);

        var records = await Read(_shown, 2 * keys.Length);
        for (var number = 0; number < keys.Length; number++)
        {
            var (sent, back) = records.Where(record => record.Headers.Get("number") == $"{number}").ToList() is [var one, var other]
                ? (one, other)
                : throw new InvalidOperationException($"The record {number} has not come back once.");
            Assert.Equal(keys[number], back.Key);
            Assert.Equal(sent.Value, back.Value);

            // The group that it is for, and the id that it is known by since it was read first.
            var known = letters.Single(letter => Text(back).Contains($"MessageId: {letter.MessageId}")).MessageId;
            Assert.Equal([.. Text(sent), $"{StreamHeaders.For}: meters", $"MessageId: {known}"], Text(back));
        }

        // What the store has of all records beside their bodies; what tells of the failure and of the place is left out.
        async Task<string> Stored()
        {
            var lines = new List<string>();
            await foreach (var letter in store.Read(new DeadLetterFilter { State = DeadLetterState.Waiting }, 0, Cancel))
                lines.AddRange(Fields("header", letter.Headers).Concat(Fields("property", letter.Properties))
                    .Select(line => $"{letter.Headers["number"]} {line}"));
            return string.Concat(lines.Order(StringComparer.Ordinal).Select(line => $"{line}\n"));
        }

        static IEnumerable<string> Fields(string kind, IReadOnlyDictionary<string, object?> values) =>
            MetadataValue.ToJson(
                    values.Where(value => !IsOfBus(value.Key)).Select(value => KeyValuePair.Create(value.Key, Own(value.Value))))
                .Select(value => $"{kind} {value.Key}: {value.Value.GetRawText()}");

        static object? Own(object? value) => value is List<object?> { Count: > 0 } list && list[0] is List<object?>
            ? list.Cast<List<object?>>().Where(header => !IsOfBus($"{header[0]}")).ToList<object?>()
            : value;

        static bool IsOfBus(string name) =>
            name.StartsWith("MT-", StringComparison.Ordinal) || name.StartsWith("Bus-", StringComparison.Ordinal);

        static RecordHeaders Headers(int number)
        {
            var headers = new RecordHeaders();
            headers.Add("number", $"{number}");
            headers.Add("twice", "first");
            headers.Add("nothing", (byte[]?)null);
            headers.Add("empty", []);
            headers.Add("twice", "second");
            headers.Add("binary", [255, 0, 128]);
            headers.Add("TWICE", "third");
            headers.Add("CorrelationId", "corr-17");
            headers.Add("RequestId", "request-17");
            // As many clients write it, and not as the rider does.
            headers.Add("content-type", "application/json");
            return headers;
        }

        static List<string> Text(StreamRecord record) =>
            [.. record.Headers.Select(header => $"{header.Key}: {Value(header.Value)}")];

        static string Value(byte[]? value) =>
            value is null ? "nothing"
            : value.All(character => character is > 31 and < 127) ? Encoding.UTF8.GetString(value)
            : Convert.ToHexString(value);
    }

    [Fact]
    public async Task What_fails_again_after_it_was_sent_back_is_a_dead_letter_again()
    {
        await Write("broken", Shown("broken", 1));
        await UntilWaiting(1);
        var store = Services.GetRequiredService<IDeadLetterStore>();
        var first = (await store.List(new DeadLetterFilter { State = DeadLetterState.Waiting }, null, 10, Cancel))[0];

        await ActivatorUtilities.CreateInstance<DeadLetterCommands>(Services, Selections).Retry(first.Id, "somebody", Cancel);

        var second = await Eventually.Some(
            async () => (await store.List(new DeadLetterFilter { State = DeadLetterState.Waiting }, null, 10, Cancel))
                .FirstOrDefault(letter => letter.Id != first.Id), Limit, "the next dead letter", Cancel);
        Assert.Equal((first.Fingerprint, first.MessageId), (second.Fingerprint, second.MessageId));
    }

    [Fact]
    public async Task What_a_consumer_writes_to_a_topic_is_sent_with_its_commit_and_not_without()
    {
        await Write("broken", Shown("broken", 1));
        await UntilWaiting(1);
        await Write("sound", Shown("sound", 2));
        await UntilKept(1);

        var concluded = await Read(_concluded, 1);

        Assert.Equal([("sound", """{"meter":"sound","value":2}""")],
            concluded.Select(record => (Encoding.UTF8.GetString(record.Key!), Encoding.UTF8.GetString(record.Value!))));
    }

    [Fact]
    public async Task What_a_request_writes_to_a_topic_is_sent_with_its_commit_and_not_without()
    {
        await Request(1, commits: false);
        await Request(2, commits: true);
        await Request(3, commits: true);

        var concluded = await Read(_concluded, 2);

        Assert.Equal(["""{"meter":"asked","value":2}""", """{"meter":"asked","value":3}"""],
            concluded.Select(record => Encoding.UTF8.GetString(record.Value!)));
    }

    [Fact]
    public async Task A_bus_that_is_stopped_and_started_again_and_again_reads_and_writes_as_before()
    {
        var bus = Services.GetRequiredService<IBusControl>();

        for (var round = 1; round <= 3; round++)
        {
            await Write("sound", Shown("sound", round));
            await UntilKept(2 * round - 1);
            await bus.StopAsync(Cancel);
            await Write("sound", Shown("sound", -round));
            await Request(round, commits: true);
            await bus.StartAsync(Cancel);
            await UntilKept(2 * round);

            var concluded = await Read(_concluded, 3 * round);

            Assert.Equal(3 * round, concluded.Count);
        }

        await Eventually.True(
            async () => (await Services.GetRequiredService<HealthCheckService>()
                .CheckHealthAsync(check => check.Tags.Contains("ready"), Cancel)).Status == HealthStatus.Healthy,
            Limit, "readiness", Cancel);
    }

    async Task Request(int value, bool commits)
    {
        await using var scope = Services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<MetersContext>();
        context.Add(new Reading { Meter = "asked", Value = value });
        await scope.ServiceProvider.GetRequiredService<ITopicProducer<MeterConcluded>>()
            .Produce(new MeterConcluded("asked", value), Cancel);
        if (commits)
            await context.SaveChangesAsync(Cancel);
    }

    async Task UntilWaiting(long count) => await Eventually.True(
        async () => await Services.GetRequiredService<IDeadLetterStore>()
            .Count(new DeadLetterFilter { State = DeadLetterState.Waiting }, Cancel) == count, Limit, $"{count} dead letters", Cancel);

    async Task<List<Reading>> UntilKept(int count) => await Eventually.Some(
        async () =>
        {
            await using var scope = Services.CreateAsyncScope();
            var readings = await scope.ServiceProvider.GetRequiredService<MetersContext>().Readings.Where(reading =>
                reading.Meter != "asked").ToListAsync(Cancel);
            return readings.Count >= count ? readings : null;
        },
        Limit, $"{count} readings", Cancel);

    Task Write(string key, string value, params (string Name, byte[] Value)[] headers) =>
        Write(Encoding.UTF8.GetBytes(key), value, headers);

    async Task Write(byte[] key, string value, params (string Name, byte[] Value)[] headers)
    {
        var all = new RecordHeaders();
        foreach (var (name, bytes) in headers)
            all.Add(name, bytes);
        await using var plugin = broker.CreatePlugin();
        await plugin.Produce(new OutgoingRecord(_shown, key, Encoding.UTF8.GetBytes(value), all, Partition: 0), Cancel);
    }

    async Task<IReadOnlyList<StreamRecord>> Read(string topic, int count)
    {
        await using var plugin = broker.CreatePlugin();
        return await RecordReader.AtLeast(plugin, topic, count);
    }

    static string Shown(string meter, int value) => $$"""{"meter":"{{meter}}","value":{{value}}}""";
}
