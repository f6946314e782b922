namespace MaestroBus.Architecture.Tests;

/// <summary>Who may depend on whom. Each rule yields its violations, each with what to do instead.</summary>
static class Rules
{
    // Of the engine's packages these are the host's to choose.
    static readonly string[] HostParts = ["Admin.", "Riders.", "Transports."];

    public static IEnumerable<string> ContractsReferToNothing(IReadOnlyList<Project> projects) =>
        from project in projects
        where project.IsContracts
        from reference in project.References.Concat(project.Packages)
        select $"{project.Name} references {reference}. Contracts are read by others and refer to nothing; move what needs it into "
            + "the domain.";

    public static IEnumerable<string> DomainsSeeOtherDomainsThroughContracts(IReadOnlyList<Project> projects) =>
        from project in projects
        where project.IsDomain
        from other in projects
        where other.IsDomain && project.References.Contains(other.Name)
        select $"{project.Name} references {other.Name}. Reference {other.Name}.Contracts instead.";

    public static IEnumerable<string> DomainsDoNotKnowWhatTheHostChooses(IReadOnlyList<Project> projects) =>
        from project in projects
        where project.IsDomain
        from reference in project.References
        where reference == "Host" || HostParts.Any(part => $"{reference}.".StartsWith(part, StringComparison.Ordinal))
        select $"{project.Name} references {reference}. A domain works on every transport and rider, and knows nothing of who operates "
            + "it; use what Messaging offers.";

    public static IEnumerable<string> NothingRefersToTheHost(IReadOnlyList<Project> projects) =>
        from project in projects
        where project.References.Contains("Host")
        select $"{project.Name} references Host. The host composes the others; move what is needed into a domain.";
}
