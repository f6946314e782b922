using System.Globalization;

namespace Maestro.Bus.Messaging;

/// <summary>What makes a message the same as another one for the same consumer.</summary>
/// <param name="Scope">The queue and the consumer: each handles the message for itself.</param>
/// <param name="Message">Tenant, message type and critical fields.</param>
/// <param name="Window">The number of the window in which the message was sent.</param>
public sealed record IdempotencyKey(string Scope, string Message, long Window)
{
    /// <summary>The key: <c>{tenant}:{type}:{sha256 of the critical fields}:{window}</c>.</summary>
    public string Text => TextOf(Window);

    /// <summary>
    /// The key of the same message in the window before and in the one after: near an edge, who was sent first need not come first.
    /// </summary>
    public IReadOnlyList<string> Neighbours => [TextOf(Window - 1), TextOf(Window + 1)];

    /// <summary>The key of a message.</summary>
    public static IdempotencyKey Of(string scope, string tenant, string messageType, string hash, DateTimeOffset sent, TimeSpan window) =>
        new(scope, $"{tenant}:{messageType}:{hash}", sent.UtcTicks / window.Ticks);

    string TextOf(long window) => string.Create(CultureInfo.InvariantCulture, $"{Message}:{window}");
}
