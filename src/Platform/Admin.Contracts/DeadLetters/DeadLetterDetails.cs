namespace Maestro.Bus.Admin.Contracts;

/// <summary>A dead letter with everything.</summary>
/// <param name="Letter">What a list shows of it.</param>
/// <param name="Detail">The whole exception, with all stack traces.</param>
/// <param name="ContentType">The body's content type.</param>
/// <param name="Headers">All headers, as texts.</param>
/// <param name="BodyFormat"><c>json</c>, <c>text</c> or <c>hex</c>: how the body is shown.</param>
/// <param name="Body">The body, or its beginning where it is long.</param>
/// <param name="IsBodyWhole">Whether all of it is shown. The export has it always.</param>
public sealed record DeadLetterDetails(
    DeadLetterView Letter, string? Detail, string? ContentType, IReadOnlyDictionary<string, string> Headers, string BodyFormat, string Body,
    bool IsBodyWhole);
