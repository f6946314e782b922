namespace MaestroBus.Architecture.Tests;

/// <summary>Each rule holds for the solution, and each is seen to catch an example that breaks it.</summary>
public sealed class DependencyTests
{
    static readonly Dictionary<string, Func<IReadOnlyList<Project>, IEnumerable<string>>> AllRules = new()
    {
        [nameof(Rules.ContractsReferToNothing)] = Rules.ContractsReferToNothing,
        [nameof(Rules.DomainsSeeOtherDomainsThroughContracts)] = Rules.DomainsSeeOtherDomainsThroughContracts,
        [nameof(Rules.DomainsDoNotKnowWhatTheHostChooses)] = Rules.DomainsDoNotKnowWhatTheHostChooses,
        [nameof(Rules.NothingRefersToTheHost)] = Rules.NothingRefersToTheHost,
    };

    public static TheoryData<string> RuleNames => [.. AllRules.Keys];

    public static TheoryData<string, string, string, string> Offences => new()
    {
        { nameof(Rules.ContractsReferToNothing), "Billing.Contracts", "Domains/Billing/Billing.Contracts", "Messaging" },
        { nameof(Rules.DomainsSeeOtherDomainsThroughContracts), "Billing", "Domains/Billing/Billing", "Sales" },
        { nameof(Rules.DomainsDoNotKnowWhatTheHostChooses), "Billing", "Domains/Billing/Billing", "Transports.Pigeon" },
        { nameof(Rules.DomainsDoNotKnowWhatTheHostChooses), "Billing", "Domains/Billing/Billing", "Admin.Pigeon" },
        { nameof(Rules.NothingRefersToTheHost), "Billing", "Domains/Billing/Billing", "Host" },
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
            New("Host", "Host"),
            New(offender, folder, reference),
        ];

        var violation = Assert.Single(AllRules[rule](projects));

        Assert.StartsWith($"{offender} references {reference}. ", violation);
    }

    [Fact]
    public void The_solution_is_read_as_it_is()
    {
        Assert.Contains(Solution.Projects, project => project is { Name: "Host", IsDomain: false });
        Assert.Contains(Solution.Projects, project => project.IsDomain && project.References.Contains($"{project.Name}.Contracts"));
        Assert.Contains(Solution.Projects, project => project.IsDomain && project.References.Contains("Messaging"));
        Assert.Contains(Solution.Projects, project => project.IsContracts);
    }

    static Project New(string name, string folder, params string[] references) =>
        new(name, folder, references.ToHashSet(), new HashSet<string>());
}
