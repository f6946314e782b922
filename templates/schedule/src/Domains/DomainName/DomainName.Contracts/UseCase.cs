namespace BusRoot.DomainName.Contracts;

/// <summary>Asks DomainName for UseCase, when its schedule says so.</summary>
public sealed record UseCase;
