namespace Maestro.Bus.Template.Tests;

/// <summary>What the item templates write, and what they refuse; without building it.</summary>
public sealed class ItemTemplateTests(TemplatePackage package)
{
    [Fact]
    public async Task A_domain_joins_the_solution_under_the_folder_s_root_namespace()
    {
        using var bus = await package.Generate("zeta-bus");

        (await bus.New("maestro-domain", "--name", "Billing")).Succeeded();

        Assert.Superset(
            new HashSet<string>
            {
                "src/Domains/Billing/Billing/Billing.csproj",
                "src/Domains/Billing/Billing.Contracts/Billing.Contracts.csproj",
                "tests/Billing.Tests/Billing.Tests.csproj",
            },
            bus.SolutionProjects.ToHashSet());
        Assert.Contains("namespace ZetaBus.Billing;", bus.Read("src/Domains/Billing/Billing/BillingDomain.cs"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_root_namespace_can_be_given_for_a_folder_that_is_called_differently()
    {
        using var bus = await package.Generate("Acme");

        (await bus.New("maestro-domain", "--name", "Billing", "--root", "Contoso.Messaging")).Succeeded();

        Assert.Contains(
            "namespace Contoso.Messaging.Billing;", bus.Read("src/Domains/Billing/Billing/BillingDomain.cs"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("order-v2", "Order_v2")]
    [InlineData("Acme Corp", "Acme_Corp")]
    [InlineData("2Fast", "_2Fast")]
    [InlineData("HTTPServer2", "HTTPServer2")]
    public async Task A_name_that_is_no_type_name_becomes_one_in_files_and_code_alike(string name, string typeName)
    {
        using var bus = await package.Generate("Acme");

        await bus.AddDomain(name);

        Assert.Contains(
            $"class {typeName}Domain ", bus.Read($"src/Domains/{typeName}/{typeName}/{typeName}Domain.cs"), StringComparison.Ordinal);
        Assert.Contains(
            $"DomainHarness.Start<{typeName}Domain>", bus.Read($"tests/{typeName}.Tests/DunningTests.cs"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("maestro-consumer")]
    [InlineData("maestro-job")]
    [InlineData("maestro-saga")]
    [InlineData("maestro-schedule")]
    public async Task A_domain_that_does_not_exist_is_said_to_be_missing(string template)
    {
        using var bus = await package.Generate("Acme");

        var output = (await bus.New(template, "--name", "Dunning", "--domain", "Biling")).Failed();

        Assert.Contains("src/Domains/Biling/Biling holds no project", output, StringComparison.Ordinal);
        Assert.DoesNotContain(bus.SolutionProjects, project => project.Contains("Biling", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("maestro-consumer")]
    [InlineData("maestro-job")]
    [InlineData("maestro-saga")]
    [InlineData("maestro-schedule")]
    public async Task The_domain_must_be_named(string template)
    {
        using var bus = await package.Generate("Acme");

        Assert.Contains("--domain", (await bus.New(template, "--name", "Dunning")).Failed(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schedule_runs_when_it_is_said_to()
    {
        using var bus = await package.Generate("Acme");
        await bus.AddDomain("Billing");

        (await bus.New("maestro-schedule", "--name", "CloseDay", "--domain", "Billing", "--cron", "30 1 * * 1-5", "--zone",
            "Europe/Berlin")).Succeeded();

        var schedule = bus.Read("src/Domains/Billing/Billing/CloseDay/CloseDaySchedule.cs");
        Assert.Contains(".Cron(\"30 1 * * 1-5\")", schedule, StringComparison.Ordinal);
        Assert.Contains(".InTimeZone(\"Europe/Berlin\")", schedule, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_a_solution_is_said_to_be_the_wrong_one()
    {
        using var folder = new TemporaryFolder();

        var output = (await package.New(folder.Path, "maestro-domain", "--name", "Billing")).Failed();

        Assert.Contains("run again at the solution root", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_exists_is_not_overwritten()
    {
        using var bus = await package.Generate("Acme");
        var before = bus.Read("src/Domains/Ingress/Ingress/IngressDomain.cs");

        (await bus.New("maestro-domain", "--name", "Ingress")).Failed();

        Assert.Equal(before, bus.Read("src/Domains/Ingress/Ingress/IngressDomain.cs"));
    }
}
