namespace Maestro.Bus.Messaging;

/// <summary>Why a message is in the dead letters, as its header <c>MT-Reason</c> says.</summary>
public static class DeadLetterReason
{
    /// <summary>It has failed in each of its attempts.</summary>
    public const string Fault = "fault";

    /// <summary>It cannot be read.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>It is invalid, and was not tried again.</summary>
    public const string Invalid = "invalid";

    /// <summary>Nobody handles messages of its type.</summary>
    public const string Unhandled = "dead-letter";

    /// <summary>Its time was over.</summary>
    public const string Expired = "expired";

    /// <summary>The broker has delivered it too often without an end to it, as when it kills the process.</summary>
    public const string DeliveryLimit = "delivery-limit";

    /// <summary>The process ended three times while it handled the message; it was not tried again.</summary>
    public const string ProcessEnded = "process-ended";

    /// <summary>Its queue was longer than a policy of the broker allows.</summary>
    public const string QueueFull = "queue-full";

    /// <summary>A program that is not the bus has taken it from the queue and rejected it.</summary>
    public const string Rejected = "rejected";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Fault, Unreadable, Invalid, Unhandled, Expired, DeliveryLimit, ProcessEnded,
        QueueFull, Rejected];
}
