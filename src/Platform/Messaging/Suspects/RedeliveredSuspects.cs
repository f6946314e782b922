using System.Security.Cryptography;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Looks among the messages that a broker marks as delivered before, and among no others: those of a healthy bus cost nothing.
/// </summary>
/// <param name="records">Knows of the processes that have ended.</param>
/// <param name="queue">The queue.</param>
public sealed class RedeliveredSuspects(IDeathRecords records, string queue) : ISuspects
{
    /// <inheritdoc />
    public ValueTask<Suspect?> Find(ReceiveContext context) =>
        context.Redelivered ? new(records.Find(queue, Name(context), context.CancellationToken)) : default;

    /// <summary>
    /// What a message is known by through all its deliveries: its id, or its body's hash, as foreign programs may send none.
    /// </summary>
    public static string Name(ReceiveContext context) =>
        context.GetMessageId() is { } id && id != Guid.Empty
            ? id.ToString("n")
            : Convert.ToHexStringLower(SHA256.HashData(context.Body.GetBytes()));
}
