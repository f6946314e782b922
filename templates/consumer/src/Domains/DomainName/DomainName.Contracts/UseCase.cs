namespace BusRoot.DomainName.Contracts;

/// <summary>Asks DomainName for UseCase.</summary>
/// <param name="Id">What the request is known by.</param>
public sealed record UseCase(Guid Id);
