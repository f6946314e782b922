namespace Maestro.Bus.Template.Tests;

/// <summary>What depends on the name or the options, shown on awkward shapes; what does not is shown on the default shape alone.</summary>
public sealed class OtherShapeTests(TemplatePackage package)
{
    [Fact]
    public async Task A_dotted_name_on_RabbitMQ_builds_its_host_and_passes_an_added_domain_s_tests()
    {
        using var bus = await package.Generate("Contoso.Messaging", "--transport", "rabbitmq");
        await bus.AddDomain("HTTPServer2");

        (await bus.DotNet("build", "src/Host", "--nologo", "--verbosity", "quiet")).Succeeded();
        (await bus.DotNet("build", "tests/HTTPServer2.Tests", "--nologo", "--verbosity", "quiet")).Succeeded();

        await bus.Test("HTTPServer2.Tests");
    }

    [Fact]
    public async Task A_name_that_is_no_identifier_and_sorts_last_builds_an_added_domain_s_tests_and_sorts_its_usings()
    {
        using var bus = await package.Generate("zeta-bus");
        await bus.AddDomain("Billing");

        // Nothing else of the formatting depends on the name; all of it is shown on the default shape. Migrations are generated.
        Assert.All(bus.Files.Where(file =>
            file.EndsWith(".cs", StringComparison.Ordinal) && !file.Contains("/Migrations/", StringComparison.Ordinal)), file =>
        {
            var usings = bus.Usings(file);
            Assert.Equal(usings.OrderBy(name => name.Split('.')[0] != "System").ThenBy(name => name, Segments.Comparer), usings);
        });

        (await bus.DotNet("build", "tests/Billing.Tests", "--nologo", "--verbosity", "quiet")).Succeeded();

        await bus.Test("Billing.Tests");
    }
}
