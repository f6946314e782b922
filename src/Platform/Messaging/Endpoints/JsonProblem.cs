namespace Maestro.Bus.Messaging;

/// <summary>What is wrong with a JSON document, and where.</summary>
/// <param name="Path">The place as a JSON path, such as <c>$.order.lines[2].sku</c>. It holds visible characters only.</param>
/// <param name="Message">What was found, and what to send instead.</param>
public sealed record JsonProblem(string Path, string Message)
{
    /// <summary>Gets the problem in the shape of a validation problem's <c>errors</c>.</summary>
    public Dictionary<string, string[]> ToErrors() => new() { [Path] = [Message] };

    /// <summary>Describes the problem in one line, for answers and logs.</summary>
    public override string ToString() => $"{Path}: {Message}";
}
