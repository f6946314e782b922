namespace BusRoot.DomainName.Contracts;

/// <summary>A ProcessName has begun.</summary>
/// <param name="ProcessId">What the process is known by.</param>
public sealed record ProcessNameStarted(Guid ProcessId);
