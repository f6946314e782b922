namespace Maestro.Bus.Repository.Tests;

/// <summary>Each rule holds for the engine, and each is seen to catch an example that breaks it.</summary>
public sealed class DependencyTests
{
    static readonly Dictionary<string, Func<IReadOnlyList<Project>, IEnumerable<string>>> AllRules = new()
    {
        [nameof(Rules.ContractsReferToNothing)] = Rules.ContractsReferToNothing,
        [nameof(Rules.PlatformDoesNotKnowDomains)] = Rules.PlatformDoesNotKnowDomains,
        [nameof(Rules.TransportsStandAlone)] = Rules.TransportsStandAlone,
        [nameof(Rules.AdminKnowsThePlatformOnly)] = Rules.AdminKnowsThePlatformOnly,
        [nameof(Rules.TheCliKnowsTheHttpContractOnly)] = Rules.TheCliKnowsTheHttpContractOnly,
        [nameof(Rules.OnlyTheHostRefersToAdmin)] = Rules.OnlyTheHostRefersToAdmin,
        [nameof(Rules.RidersStandAlone)] = Rules.RidersStandAlone,
        [nameof(Rules.NothingRefersToTheHost)] = Rules.NothingRefersToTheHost,
    };

    public static TheoryData<string> RuleNames => [.. AllRules.Keys];

    public static TheoryData<string, string, string, string> Offences => new()
    {
        { nameof(Rules.PlatformDoesNotKnowDomains), "Messaging", "Platform/Messaging", "Sales.Contracts" },
        { nameof(Rules.TransportsStandAlone), "Transports.Owl", "Platform/Transports.Owl", "Transports.Pigeon" },
        { nameof(Rules.AdminKnowsThePlatformOnly), "Admin.Web", "Platform/Admin.Web", "Transports.Pigeon" },
        { nameof(Rules.TheCliKnowsTheHttpContractOnly), "Cli", "Platform/Cli", "Admin" },
        { nameof(Rules.OnlyTheHostRefersToAdmin), "Alerting", "Platform/Alerting", "Admin" },
        { nameof(Rules.ContractsReferToNothing), "Admin.Contracts", "Platform/Admin.Contracts", "Messaging" },
        { nameof(Rules.RidersStandAlone), "Riders.Raft", "Platform/Riders.Raft", "Transports.Pigeon" },
        { nameof(Rules.NothingRefersToTheHost), "Cli", "Platform/Cli", "Host" },
    };

    [Theory]
    [MemberData(nameof(RuleNames))]
    public void The_solution_keeps_the_rule(string rule) => Assert.Empty(AllRules[rule](Solution.Projects));

    [Theory]
    [MemberData(nameof(Offences))]
    public void The_rule_catches_a_project_that_breaks_it(string rule, string offender, string folder, string reference)
    {
        Project[] projects =
        [
            New("Sales", "Domains/Sales/Sales"),
            New("Sales.Contracts", "Domains/Sales/Sales.Contracts"),
            New("Transports.Pigeon", "Platform/Transports.Pigeon"),
            New("Admin", "Platform/Admin"),
            New("Host", "Host"),
            New(offender, folder, reference),
        ];

        var violation = Assert.Single(AllRules[rule](projects));

        Assert.StartsWith($"{offender} references {reference}. ", violation);
    }

    [Fact]
    public void The_solution_is_read_as_it_is()
    {
        Assert.Contains(Solution.Projects, project => project.Name == "Host");
        Assert.Contains(Solution.Projects, project =>
            project is { Name: "Ingress", IsDomain: true } && project.References.IsSupersetOf(["Messaging", "Ingress.Contracts"]));
        Assert.Contains(Solution.Projects, project => project is { Name: "Ingress.Contracts", IsContracts: true });
        Assert.Contains(Solution.Projects, project => project is { Name: "Transports.RabbitMq", IsTransport: true });
        Assert.Contains(
            Solution.Projects, project => project is { Name: "Admin.Api", IsAdmin: true } && project.References.Contains("Messaging"));
        Assert.Contains(
            Solution.Projects, project => project is { Name: "Cli", IsCli: true } && project.References.Contains("Admin.Contracts"));
    }

    static Project New(string name, string folder, params string[] references) =>
        new(name, folder, references.ToHashSet(), new HashSet<string>());
}
