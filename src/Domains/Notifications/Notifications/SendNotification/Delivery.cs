namespace MaestroBus.Notifications;

/// <summary>What a channel has made of a notification.</summary>
/// <param name="Refusal">Why it can never be sent and what to do about it; none when it has been sent.</param>
public readonly record struct Delivery(string? Refusal)
{
    /// <summary>The channel has taken the notification.</summary>
    public static Delivery Taken => default;

    /// <summary>The notification can never be sent as it is.</summary>
    public static Delivery Refused(string reason) => new(reason);
}
