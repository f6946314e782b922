namespace MaestroBus.Notifications;

/// <summary>How far a bulk notification is.</summary>
/// <param name="Next">The recipient that comes next.</param>
/// <param name="Refused">How many could not be told, and never can.</param>
/// <param name="LastRefusal">Why the last of those could not.</param>
/// <param name="Deferred">The recipients before the next one that could not be told yet; null if there are none.</param>
public sealed record BulkState(int Next, int Refused, string? LastRefusal, IReadOnlyList<int>? Deferred = null);
