namespace Maestro.Bus.Persistence;

/// <summary>What is to be different about the copy of a dead letter.</summary>
/// <param name="Message">The message in its place, as bytes of the same content type; none to leave it. An envelope around it
/// stays.</param>
/// <param name="Headers">Headers with new values, or none to take them off.</param>
/// <param name="By">Who does it.</param>
public sealed record DeadLetterEdit(byte[]? Message, IReadOnlyDictionary<string, object?> Headers, string By);
