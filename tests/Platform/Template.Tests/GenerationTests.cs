using System.Text.Json;
using System.Text.RegularExpressions;

namespace Maestro.Bus.Template.Tests;

/// <summary>
/// What is generated, without building it. The names are chosen to hurt: dotted, no identifiers, sorting before and after the libraries'
/// namespaces.
/// </summary>
public sealed partial class GenerationTests(TemplatePackage package)
{
    [Theory]
    [InlineData("Acme", "Acme", "acme")]
    [InlineData("Contoso.Messaging", "Contoso.Messaging", "contoso-messaging")]
    [InlineData("zeta-bus", "zeta_bus", "zeta-bus")]
    [InlineData("Acme Corp", "Acme_Corp", "acme-corp")]
    [InlineData("AAA", "AAA", "aaa")]
    [InlineData("_Zulu2", "_Zulu2", "zulu2")]
    public async Task The_name_reaches_the_root_namespace_the_solution_and_the_compose_project(
        string name, string rootNamespace, string slug)
    {
        using var bus = await package.Generate(name);

        Assert.Contains($"<BusName>{rootNamespace}</BusName>", bus.Read("Directory.Build.props"), StringComparison.Ordinal);
        Assert.Contains(
            $"namespace {rootNamespace}.Ingress;", bus.Read("src/Domains/Ingress/Ingress/IngressDomain.cs"), StringComparison.Ordinal);
        Assert.Contains("namespace Maestro.Bus.Messaging;", bus.Read("src/Platform/Messaging/BusBuilder.cs"), StringComparison.Ordinal);
        Assert.Matches($"(?m)^name: {Regex.Escape(slug)}$", bus.Read("compose.yml").ReplaceLineEndings("\n"));
        Assert.StartsWith($"# {rootNamespace}", bus.Read("README.md"), StringComparison.Ordinal);
        Assert.Equal(bus.Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal)).Order(), bus.SolutionProjects.Order());
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("memory", "--transport", "memory")]
    [InlineData("rabbitmq", "--transport", "rabbitmq")]
    public async Task The_transport_is_a_setting_and_every_transport_is_there(string transport, params string[] options)
    {
        using var bus = await package.Generate("Contoso.Messaging", options);

        using var settings = JsonDocument.Parse(bus.Read("src/Host/appsettings.json"));
        Assert.Equal(transport, settings.RootElement.GetProperty("Bus").GetProperty("Transport").GetString());
        Assert.Contains("src/Platform/Transports.RabbitMq/Transports.RabbitMq.csproj", bus.Files);
        Assert.Equal(transport == "rabbitmq", bus.Read("README.md").Contains("It is set to run on **RabbitMQ**", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_transport_that_does_not_exist_is_refused()
    {
        using var folder = new TemporaryFolder();

        var output = (await package.New(folder.Path, "maestro-bus", "--name", "Acme", "--transport", "pigeon")).Failed();

        Assert.Contains("pigeon", output, StringComparison.Ordinal);
        Assert.Contains("rabbitmq", output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("Acme")]
    [InlineData("zeta-bus", "--transport", "rabbitmq")]
    public async Task Nothing_of_the_template_is_left_in_the_output(string name, params string[] options)
    {
        using var bus = await package.Generate(name, options);
        await bus.AddDomain("Billing");

        var leaks = (
            from file in bus.Files
            from line in bus.Read(file).Split('\n').Prepend(file)
            where TemplateText().IsMatch(OwnName(file).Replace(line, ""))
                || (file.Contains("Billing", StringComparison.Ordinal) && ItemTemplateToken().IsMatch(line))
            select $"{file}: {line.Trim()}").ToList();

        Assert.True(leaks.Count == 0, string.Join('\n', leaks));
    }

    [Fact]
    public async Task The_output_has_only_what_its_owner_needs()
    {
        using var bus = await package.Generate("Acme");

        var roots = bus.Files.Select(file => file.Split('/')[0]).Distinct();

        Assert.Empty(
            roots.Intersect([".ci", ".git", ".services", ".template.config", "artifacts", "build", "templates", ".github", "CHANGELOG.md",
                "CONTRIBUTING.md", "LICENSE", "NOTICE", "SECURITY.md", "README.template.md"]));
        Assert.DoesNotContain(bus.Files, file => file.StartsWith("tests/Platform/Template.Tests/", StringComparison.Ordinal));
        Assert.DoesNotContain(bus.Files, file => file.StartsWith("tests/Platform/Benchmarks/", StringComparison.Ordinal));
    }

    [GeneratedRegex("""maestro|#if\b|#else\b|#endif\b""", RegexOptions.IgnoreCase)]
    private static partial Regex TemplateText();

    [GeneratedRegex("""DomainName|ProcessName|UseCase|BusRoot""")]
    private static partial Regex ItemTemplateToken();

    // The engine's namespaces and the command line keep their names, and the readme names the templates, too.
    static Regex OwnName(string file) => file.EndsWith(".md", StringComparison.Ordinal) ? NamesInText() : NamesInCode();

    [GeneratedRegex("""\bMaestro\.Bus\b|\bmaestro(?:-(?:bus|domain|consumer|job|saga|schedule))?\b|\bMAESTRO_(?:URL|KEY)\b""")]
    private static partial Regex NamesInText();

    [GeneratedRegex("""\bMaestro\.Bus\b|\bmaestro\b(?!-)|\bMAESTRO_(?:URL|KEY)\b""")]
    private static partial Regex NamesInCode();
}
