using Microsoft.AspNetCore.Authorization;

namespace Maestro.Bus.Messaging;

/// <summary>An endpoint's declaration that it serves callers without an identity, and why it may.</summary>
public sealed class AnonymousAccess(string reason, bool identifiesCallers = false) : IAllowAnonymous
{
    /// <summary>What protects the endpoint instead, or why nothing needs to.</summary>
    public string Reason => reason;

    /// <summary>Whether a key or token that is sent nevertheless is looked at.</summary>
    public bool IdentifiesCallers => identifiesCallers;
}
