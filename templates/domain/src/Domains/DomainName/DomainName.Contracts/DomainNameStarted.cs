namespace BusRoot.DomainName.Contracts;

/// <summary>A piece of work has begun.</summary>
/// <param name="Id">The work's id.</param>
/// <param name="Subject">What the work is about.</param>
public sealed record DomainNameStarted(Guid Id, string Subject);
