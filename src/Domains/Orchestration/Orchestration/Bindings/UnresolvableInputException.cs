namespace MaestroBus.Orchestration;

/// <summary>A step's input cannot be put together from what the flow has so far.</summary>
public sealed class UnresolvableInputException(string message) : Exception(message)
{
    internal static UnresolvableInputException NoValue(FlowPath path) =>
        new($"There is nothing at '{path}'. Correct the path in the specification, or start the flow with what it names.");
}
