using System.Collections.Concurrent;

namespace Maestro.Bus.Messaging;

/// <summary>Makes the label of a message's type: <c>Acme.Orders.OrderPlaced</c> for <c>urn:message:Acme.Orders:OrderPlaced</c>.</summary>
static class MessageTypeLabel
{
    const string Prefix = "urn:message:";

    // Names come from outside, too; what is asked for most is known first.
    const int Most = 1_000;

    static readonly ConcurrentDictionary<string, string> Known = new(StringComparer.Ordinal);

    /// <summary>Gets the label of a type.</summary>
    /// <param name="type">The type's name on the wire.</param>
    public static string Of(string type)
    {
        if (Known.TryGetValue(type, out var known))
            return known;

        var label = (type.StartsWith(Prefix, StringComparison.Ordinal) ? type[Prefix.Length..] : type).Replace(':', '.');
        return Known.Count < Most ? Known.GetOrAdd(type, label) : label;
    }
}
