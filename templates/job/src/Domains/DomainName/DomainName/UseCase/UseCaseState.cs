namespace BusRoot.DomainName;

/// <summary>What the job saves: the step that comes next.</summary>
public sealed record UseCaseState(int Next);
