namespace Maestro.Bus.Riders.Kafka;

/// <summary>Sets the client's properties by the names that its own configuration has for them.</summary>
sealed class ClientProperties(IDictionary<string, string> properties)
{
    /// <summary>Whether any was set.</summary>
    public bool AreSet { get; private set; }

    /// <summary>Sets what an action sets in a configuration; what it sets to null is left as it is.</summary>
    public void Set<TConfig>(Action<TConfig> set)
        where TConfig : ClientConfig, new()
    {
        var config = new TConfig();
        set(config);
        Set(config);
    }

    /// <summary>Sets what a configuration holds.</summary>
    public void Set(IEnumerable<KeyValuePair<string, string>> config)
    {
        foreach (var (name, value) in config)
        {
            properties[name] = value;
            AreSet = true;
        }
    }

    /// <summary>A duration as the client wants it.</summary>
    public static int? Milliseconds(TimeSpan? duration) => (int?)duration?.TotalMilliseconds;
}
