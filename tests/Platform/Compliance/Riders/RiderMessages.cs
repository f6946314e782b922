namespace Maestro.Bus.Compliance;

/// <summary>Something measured at a place.</summary>
public sealed record Measured(string Place, int Number);

/// <summary>Something that follows from a measurement.</summary>
public sealed record Concluded(string Place, int Number);

/// <summary>An order that a saga follows.</summary>
public sealed record OrderPlaced(Guid CorrelationId) : CorrelatedBy<Guid>;

/// <summary>An order that is done.</summary>
public sealed record OrderClosed(Guid CorrelationId) : CorrelatedBy<Guid>;
