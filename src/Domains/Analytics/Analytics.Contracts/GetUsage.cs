namespace MaestroBus.Analytics.Contracts;

/// <summary>Asks Analytics what a tenant has used; the answer is a <see cref="UsageReport"/>.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="From">The beginning; the whole hour that it lies in counts.</param>
/// <param name="To">The end; the whole hour that it lies in counts, and one that begins with it does not.</param>
public sealed record GetUsage(string TenantId, DateTimeOffset From, DateTimeOffset To);
