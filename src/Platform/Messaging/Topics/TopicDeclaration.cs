namespace Maestro.Bus.Messaging;

/// <summary>A message type that a domain writes to a topic.</summary>
/// <param name="Domain">The domain that declares it; none for a declaration from elsewhere.</param>
/// <param name="MessageType">The message's type.</param>
/// <param name="Topic">The topic's name.</param>
/// <param name="Key">Gives a message's key.</param>
/// <param name="Write">Writes a message; null for JSON.</param>
public sealed record ProducedTopic(
    BusDomain? Domain, Type MessageType, string Topic, Func<object, string?>? Key, Func<object, byte[]>? Write = null);

/// <summary>A message type that a domain's consumers read from a topic.</summary>
/// <param name="Domain">The domain that declares it.</param>
/// <param name="MessageType">The message's type.</param>
/// <param name="Topic">The topic's name.</param>
/// <param name="Read">Reads a message; null for JSON.</param>
public sealed record ConsumedTopic(BusDomain Domain, Type MessageType, string Topic, Func<byte[], object>? Read = null);
