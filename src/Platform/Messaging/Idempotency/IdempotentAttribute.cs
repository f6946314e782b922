namespace Maestro.Bus.Messaging;

/// <summary>
/// Has messages that say the same handled once, whatever their ids: those of one tenant with the same critical fields, sent within the
/// window of <see cref="IdempotencySettings.Window"/> or the one beside it. Whoever asks for a response to a repetition gets the first
/// one's results. On a message it holds for all its consumers.
/// </summary>
/// <param name="fields">The critical fields, as <c>nameof</c> gives them; a dot leads into a field. None for the whole message.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Interface, Inherited = false)]
public sealed class IdempotentAttribute(params string[] fields) : Attribute
{
    /// <summary>The critical fields; none for the whole message.</summary>
    public IReadOnlyList<string> Fields => fields;
}
