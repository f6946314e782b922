namespace BusRoot.DomainName.Contracts;

/// <summary>Asks DomainName to begin a piece of work.</summary>
/// <param name="Id">The work's id.</param>
/// <param name="Subject">What the work is about.</param>
public sealed record StartDomainName(Guid Id, string Subject);
