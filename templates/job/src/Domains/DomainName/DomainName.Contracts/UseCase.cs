namespace BusRoot.DomainName.Contracts;

/// <summary>
/// A job. Submit it with <c>publishEndpoint.SubmitJob(new UseCase(100), cancellationToken)</c>, or with
/// <c>maestro jobs submit UseCase '{"steps": 100}'</c>.
/// </summary>
public sealed record UseCase(int Steps);
