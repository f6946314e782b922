namespace MaestroBus.Analytics.Contracts;

/// <summary>Asks Analytics to tell somebody what a tenant has used on the day before.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="TimeZone">The IANA name of the time zone whose midnights begin and end the day.</param>
/// <param name="Recipient">Who is told, on the internal channel.</param>
public sealed record ReportUsage(string TenantId, string TimeZone, string Recipient);
