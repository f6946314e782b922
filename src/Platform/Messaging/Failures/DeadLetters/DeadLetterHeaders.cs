namespace Maestro.Bus.Messaging;

/// <summary>The headers that a message has in the dead letters and nowhere else.</summary>
public static class DeadLetterHeaders
{
    /// <summary>An id of this stay in the dead letters: what is delivered twice with the same one is one dead letter.</summary>
    public const string Id = "Bus-Dead-Letter-Id";

    /// <summary>The whole exception with its stack trace, packed; <see cref="FaultDetail"/> reads it.</summary>
    public const string Detail = "Bus-Fault-Detail";

    /// <summary>On the edited copy of a dead letter: the number of the original in the store.</summary>
    public const string Original = "Bus-Original-Dead-Letter";

    /// <summary>
    /// Begins the names of headers that hold what is not sent again, such as the name of the user who sent the message: it is kept and
    /// shown.
    /// </summary>
    public const string Received = "Bus-Received-";

    static readonly string[] Prefixes = [Received, "MT-Fault-", "MT-Host-", "x-death", "x-first-death-", "x-last-death-"];

    static readonly HashSet<string> Names = new(
        [Id, Detail, MessageHeaders.Reason, MessageHeaders.RedeliveryCount, "x-delivery-count", .. FailureHeaders.Names],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a header tells of failures, and comes off when the message is sent again.</summary>
    public static bool IsOfFailure(string name) =>
        !name.Equals(MessageHeaders.FaultAddress, StringComparison.OrdinalIgnoreCase)
        && (Names.Contains(name) || Array.Exists(Prefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)));
}
