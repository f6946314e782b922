namespace MaestroBus.Ingress;

/// <summary>How one kind of provider signs a webhook, and where it writes the event's id and type.</summary>
interface ISignatureScheme
{
    EventPart EventId { get; }

    EventPart EventType { get; }

    /// <summary>Says what is wrong with the signature and what to do; nothing for a body that the provider has signed.</summary>
    string? FindProblem(IHeaderDictionary headers, ReadOnlySpan<byte> body);
}
