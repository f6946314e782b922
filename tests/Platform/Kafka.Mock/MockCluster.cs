using System.Globalization;
using System.Runtime.InteropServices;

namespace Maestro.Bus.Kafka.Mock;

/// <summary>librdkafka's mock cluster, of one broker, by its C interface: the managed client does not offer it.</summary>
sealed partial class MockCluster : IDisposable
{
    const string Library = "librdkafka";
    const int Producer = 0;
    const int Broker = 1;

    readonly nint _client;
    readonly nint _cluster;

    public MockCluster()
    {
        _client = New(Producer, NewConfiguration(), 0, 0);
        _cluster = NewCluster(_client, 1);
        SetRebalanceDelay(_cluster, 0);
        BootstrapServers = Marshal.PtrToStringUTF8(Bootstraps(_cluster))!;
    }

    /// <summary>
    /// Finds the library as Confluent.Kafka does: the first of the package's builds whose own libraries this machine has.
    /// </summary>
    public static void ResolveLibrary() => NativeLibrary.SetDllImportResolver(typeof(MockCluster).Assembly, (name, assembly, _) =>
    {
        string[] builds = [name, $"centos8-{name}", $"alpine-{name}"];
        foreach (var build in builds)
        {
            if (NativeLibrary.TryLoad(build, assembly, null, out var library))
                return library;
        }

        return 0;
    });

    public string BootstrapServers { get; }

    public void Do(string[] command)
    {
        switch (command)
        {
            case ["down"]:
                Check(SetDown(_cluster, Broker));
                break;
            case ["up"]:
                Check(SetUp(_cluster, Broker));
                break;
            case ["topic", var name, var partitions]:
                Check(CreateTopic(_cluster, name, int.Parse(partitions, CultureInfo.InvariantCulture), 1));
                break;
            default:
                throw new ArgumentException(
                    $"There is no command '{string.Join(' ', command)}'. Use down, up, or topic NAME PARTITIONS.", nameof(command));
        }
    }

    public void Dispose()
    {
        DestroyCluster(_cluster);
        Destroy(_client);
    }

    static void Check(int error)
    {
        if (error != 0)
            throw new InvalidOperationException($"librdkafka's mock cluster has refused a command: error {error}.");
    }

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_new")]
    private static partial nint NewConfiguration();

    [LibraryImport(Library, EntryPoint = "rd_kafka_new")]
    private static partial nint New(int type, nint configuration, nint error, nuint errorSize);

    [LibraryImport(Library, EntryPoint = "rd_kafka_destroy")]
    private static partial void Destroy(nint client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_new")]
    private static partial nint NewCluster(nint client, int brokers);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_destroy")]
    private static partial void DestroyCluster(nint cluster);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
    private static partial nint Bootstraps(nint cluster);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_group_initial_rebalance_delay_ms")]
    private static partial void SetRebalanceDelay(nint cluster, int delay);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_down")]
    private static partial int SetDown(nint cluster, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_up")]
    private static partial int SetUp(nint cluster, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateTopic(nint cluster, string topic, int partitions, int replicas);
}
