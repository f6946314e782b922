namespace Maestro.Bus.Template.Tests;

/// <summary>What depends on the name or the options, shown on awkward shapes; what does not is shown on the default shape alone.</summary>
public sealed class OtherShapeTests(TemplatePackage package)
{
    [Fact]
    public async Task A_dotted_name_on_RabbitMQ_with_Kafka_builds_and_passes_an_added_domain_s_tests()
    {
        using var bus = await package.Generate("Contoso.Messaging", "--transport", "rabbitmq", "--rider", "kafka", "--samples", "none");
        await bus.AddDomain("HTTPServer2");

        (await bus.DotNet("build", "--nologo", "--verbosity", "quiet")).Succeeded();

        await bus.Test("HTTPServer2.Tests");
    }

    [Fact]
    public async Task A_name_that_is_no_identifier_and_sorts_last_sorts_its_usings()
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
    }

    [Fact]
    public async Task A_keyword_without_samples_and_administration_passes_its_tests_and_publishes_no_other_transport()
    {
        using var bus = await package.Generate("event", "--samples", "none", "--no-admin", "--transport", "memory");

        (await bus.DotNet("build", "--nologo", "--verbosity", "quiet")).Succeeded();

        await bus.Test("Orders.Tests");
        await bus.Test("Architecture.Tests");
        var parts = Directory.GetFiles(Path.Combine(bus.Root, "artifacts/bin/Host/debug"), "*.dll").Select(file => Path.GetFileName(file));
        Assert.DoesNotContain(parts, part => part.Contains("Transports", StringComparison.Ordinal)
            || part.Contains("Rabbit", StringComparison.Ordinal) || part.Contains("Riders", StringComparison.Ordinal)
            || part.Contains("Admin", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_engine_s_source_takes_the_place_of_its_packages()
    {
        using var bus = await package.Generate("3Com", "--samples", "none", "--platform", "source");

        (await bus.DotNet("build", "src/Domains/Orders/Orders", "--nologo", "--verbosity", "quiet")).Succeeded();

        Assert.True(Directory.Exists(Path.Combine(bus.Root, "artifacts/bin/Messaging")));
        Assert.DoesNotContain(bus.Files, file => file.StartsWith("feed/", StringComparison.Ordinal));
    }
}
