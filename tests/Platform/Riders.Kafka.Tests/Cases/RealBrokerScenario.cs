using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>What only a real broker shows.</summary>
public abstract class RealBrokerScenario<TBroker> : RiderScenario<TBroker>
    where TBroker : KafkaBroker
{
    protected static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    protected static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    protected RealBrokerScenario(TBroker broker)
        : base(broker)
    {
        _ = broker.Real;
    }

    /// <summary>Rules the cluster, as a user who may do everything.</summary>
    protected IAdminClient Admin => Broker.Admin;

    protected Task Create(string topic, int partitions, params (string Name, string Value)[] settings) =>
        Broker.Server.CreateTopic(topic, partitions, settings);

    protected async Task<string> NewTopic(int partitions, params (string Name, string Value)[] settings)
    {
        var topic = NewTopic();
        await Create(topic, partitions, settings);
        return topic;
    }

    /// <summary>
    /// Reads until so many records are there. Other members of the group go on meanwhile, as in a host: who joins waits for all of them.
    /// </summary>
    protected static async Task<List<StreamRecord>> Receive(IStreamConsumer consumer, int count, params IStreamConsumer[] others)
    {
        List<StreamRecord> records = [];
        await Eventually.True(
            () =>
            {
                records.AddRange(consumer.Receive(500, Moment));
                foreach (var other in others)
                    other.Receive(0, TimeSpan.Zero);
                return Task.FromResult(records.Count >= count);
            },
            Limit, $"{count} records", Cancel);
        return records;
    }

    /// <summary>Reads until the members have their partitions, and nothing more comes.</summary>
    protected static async Task Join(params IStreamConsumer[] consumers) => await Eventually.True(
        () =>
        {
            foreach (var consumer in consumers)
                consumer.Receive(0, Moment);
            return Task.FromResult(consumers.All(consumer => consumer.Problem is null));
        },
        Limit, "the members", Cancel);

    protected async Task WriteMany(string topic, int count, int keys = 1)
    {
        await using var plugin = Broker.CreatePlugin();
        await Task.WhenAll(Enumerable.Range(0, count).Select(
            number => plugin.Produce(Record(topic, $"key-{number % keys}", Json("place", number)), Cancel)));
    }

    protected static async Task<HealthReportEntry> Health(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>()
            .CheckHealthAsync(check => check.Tags.Contains("ready"), Cancel)).Entries["kafka"];

    protected static Task<string> Unready(IHost host, string reason) => Eventually.Some(
        async () => await Health(host) is { Status: HealthStatus.Unhealthy, Description: { } text }
            && text.Contains(reason, StringComparison.Ordinal) ? text : null,
        Limit, $"the reason '{reason}'", Cancel);

    protected static Task Ready(IHost host) =>
        Eventually.True(async () => (await Health(host)).Status == HealthStatus.Healthy, Limit, "a ready host", Cancel);

    /// <summary>Refuses the guest something, until it is disposed.</summary>
    protected Task<IAsyncDisposable> Deny(ResourceType type, string name, AclOperation operation) =>
        Rule(type, name, operation, AclPermissionType.Deny);

    /// <summary>Lets the guest do something and nothing else with a thing, until it is disposed.</summary>
    protected Task<IAsyncDisposable> AllowOnly(ResourceType type, string name, AclOperation operation) =>
        Rule(type, name, operation, AclPermissionType.Allow);

    /// <summary>Lets the guest do something, or does not, until it is disposed.</summary>
    protected async Task<IAsyncDisposable> Rule(ResourceType type, string name, AclOperation operation, AclPermissionType permission)
    {
        var rule = new AclBinding
        {
            Pattern = new ResourcePattern { Type = type, Name = name, ResourcePatternType = ResourcePatternType.Literal },
            Entry = new AccessControlEntry { Principal = "User:guest", Host = "*", Operation = operation, PermissionType = permission },
        };
        var filter = new AclBindingFilter
        {
            PatternFilter = new ResourcePatternFilter { Type = type, Name = name, ResourcePatternType = ResourcePatternType.Literal },
            EntryFilter = new AccessControlEntryFilter
            {
                Principal = rule.Entry.Principal,
                Host = rule.Entry.Host,
                Operation = operation,
                PermissionType = permission,
            },
        };
        await Admin.CreateAclsAsync([rule]);
        // The controller has it; the broker hears of it a moment later.
        await Eventually.True(
            async () => (await Admin.DescribeAclsAsync(filter)).AclBindings.Count > 0, Limit, "the rule", Cancel);
        return new AclRule(Admin, filter);
    }

    sealed class AclRule(IAdminClient admin, AclBindingFilter rule) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await admin.DeleteAclsAsync([rule]);
    }
}

/// <summary>A broker whose clients are a user that may be refused things.</summary>
public sealed class GuestBroker(SharedKafka shared) : KafkaBroker(shared)
{
    /// <summary>What tests change.</summary>
    public Action<KafkaSettings>? Configure { get; set; }

    public override KafkaSettings Settings
    {
        get
        {
            var settings = base.Settings;
            settings.BootstrapServers = $"localhost:{Real.LoginPort}";
            (settings.Security.Mechanism, settings.Security.Username, settings.Security.Password) = (
                KafkaMechanism.Plain, "guest", "guest-secret");
            Configure?.Invoke(settings);
            return settings;
        }
    }
}
