namespace BusRoot.DomainName.Contracts;

/// <summary>A ProcessName has come to its end.</summary>
/// <param name="ProcessId">What the process is known by.</param>
public sealed record ProcessNameCompleted(Guid ProcessId);
