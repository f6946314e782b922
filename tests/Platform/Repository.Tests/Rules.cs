namespace Maestro.Bus.Repository.Tests;

/// <summary>Who may depend on whom within the engine. Each rule yields its violations, each with what to do instead.</summary>
static class Rules
{
    const string AdminContracts = "Admin.Contracts";

    public static IEnumerable<string> ContractsReferToNothing(IReadOnlyList<Project> projects) =>
        from project in projects
        where project.Name == AdminContracts
        from reference in project.References.Concat(project.Packages)
        select $"{project.Name} references {reference}. Contracts are read by others and refer to nothing.";

    public static IEnumerable<string> PlatformDoesNotKnowDomains(IReadOnlyList<Project> projects) =>
        from project in projects
        where project.IsPlatform
        from other in projects
        where (other.IsDomain || other.IsContracts || other.IsTransport || other.IsRider || other.Name == "Host")
            && project.References.Contains(other.Name)
        select $"{project.Name} references {other.Name}. The platform serves every domain and knows none; turn the reference round.";

    public static IEnumerable<string> TransportsStandAlone(IReadOnlyList<Project> projects) =>
        from project in projects
        where project.IsTransport
        from other in projects
        where !other.IsPlatform && other.Name != project.Name && project.References.Contains(other.Name)
        select $"{project.Name} references {other.Name}. A transport refers to the platform and its own client only.";

    public static IEnumerable<string> AdminKnowsThePlatformOnly(IReadOnlyList<Project> projects) =>
        from project in projects
        where project.IsAdmin
        from other in projects
        where !other.IsPlatform && !other.IsAdmin && project.References.Contains(other.Name)
        select $"{project.Name} references {other.Name}. The administration discovers domains and transports through the platform and "
            + "knows none.";

    public static IEnumerable<string> TheCliKnowsTheHttpContractOnly(IReadOnlyList<Project> projects) =>
        from project in projects
        where project.IsCli
        from other in projects
        where other.Name != project.Name && other.Name != AdminContracts && project.References.Contains(other.Name)
        select $"{project.Name} references {other.Name}. The command line talks HTTP; put what both sides need into {AdminContracts}.";

    public static IEnumerable<string> OnlyTheHostRefersToAdmin(IReadOnlyList<Project> projects) =>
        from project in projects
        where !project.IsAdmin && !project.IsCli && project.Name != "Host"
        from other in projects
        where (other.IsAdmin || other.IsCli) && project.References.Contains(other.Name)
        select $"{project.Name} references {other.Name}. The administration sits on top of the bus; nothing of the bus needs it.";

    public static IEnumerable<string> RidersStandAlone(IReadOnlyList<Project> projects) =>
        from project in projects
        where project.IsRider
        from other in projects
        where other.Name is not ("Messaging" or "Riders") && other.Name != project.Name && project.References.Contains(other.Name)
        select $"{project.Name} references {other.Name}. A rider refers to Messaging, the engine Riders and its own client only.";

    public static IEnumerable<string> NothingRefersToTheHost(IReadOnlyList<Project> projects) =>
        from project in projects
        where project.References.Contains("Host")
        select $"{project.Name} references Host. The host composes the others; move what is needed into the platform.";
}
