using System.Reflection;

namespace Maestro.Bus.Messaging;

/// <summary>Finds where messages go that were written down to be sent later.</summary>
public static class StoredEndpoints
{
    static readonly MethodInfo Publishing =
        typeof(StoredEndpoints).GetMethod(nameof(Published), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>
    /// Gets the endpoint of a stored message. A message that was published is published again: this declares its interfaces and base types
    /// at the broker, so that their consumers receive it, too. A send to its address would declare the address alone.
    /// </summary>
    /// <param name="bus">The bus.</param>
    /// <param name="address">Where the message goes.</param>
    /// <param name="messageTypes">The names of its types, its own first.</param>
    public static Task<ISendEndpoint> GetStoredSendEndpoint(this IBus bus, Uri address, IEnumerable<string> messageTypes)
    {
        ArgumentNullException.ThrowIfNull(bus);
        ArgumentNullException.ThrowIfNull(address);
        return messageTypes.FirstOrDefault() is { } name && MessageTypes.Find(name) is { } type && MessageTypeCache.IsValidMessageType(type)
            && bus.Topology.TryGetPublishAddress(type, out var published) && IsSame(published!, address)
                ? (Task<ISendEndpoint>)Publishing.MakeGenericMethod(type).Invoke(null, [bus])!
                : bus.GetSendEndpoint(address);
    }

    // Another host may have written it down, which knows the broker by another name.
    static bool IsSame(Uri published, Uri address) =>
        published.Scheme == address.Scheme && published.Segments is [.., var one] && address.Segments is [.., var other] && one == other;

    static Task<ISendEndpoint> Published<T>(IBus bus)
        where T : class =>
        bus.GetPublishSendEndpoint<T>();
}
