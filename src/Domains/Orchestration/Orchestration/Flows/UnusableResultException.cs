namespace MaestroBus.Orchestration;

/// <summary>A step has succeeded, but the flow cannot keep its result. Doing the step again would not change that.</summary>
public sealed class UnusableResultException(string message) : Exception(message);
