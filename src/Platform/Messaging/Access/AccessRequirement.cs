namespace Maestro.Bus.Messaging;

/// <summary>An endpoint's declaration of the roles of which a caller needs one.</summary>
public sealed class AccessRequirement(IReadOnlyList<AccessRole> anyOf)
{
    /// <summary>The roles of which one is enough.</summary>
    public IReadOnlyList<AccessRole> AnyOf => anyOf;

    /// <summary>Tells whether a role includes one of the required ones.</summary>
    public bool IsMetBy(AccessRole role) => anyOf.Any(required => Includes(role, required));

    static bool Includes(AccessRole role, AccessRole required) => role switch
    {
        AccessRole.Admin => true,
        AccessRole.Operator => required != AccessRole.Admin,
        _ => role == required,
    };
}
