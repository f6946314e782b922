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
    [InlineData("zeta-bus", "ZetaBus", "zeta-bus")]
    [InlineData("My Company", "MyCompany", "my-company")]
    [InlineData("AAA", "AAA", "aaa")]
    [InlineData("_Zulu2", "_Zulu2", "zulu2")]
    [InlineData("event", "Event", "event")]
    [InlineData("Contoso.event.Bus", "Contoso.Event.Bus", "contoso-event-bus")]
    [InlineData("Contoso.2026.Bus", "Contoso._2026.Bus", "contoso-2026-bus")]
    [InlineData("3Com", "_3Com", "3com")]
    [InlineData("日本", "日本", "bus")]
    [InlineData("System", "SystemBus", "system")]
    [InlineData("MassTransit", "MassTransitBus", "masstransit")]
    public async Task The_name_reaches_the_root_namespace_the_solution_and_the_compose_project(
        string name, string rootNamespace, string slug)
    {
        using var bus = await package.Generate(name, "--transport", "rabbitmq");

        Assert.Contains($"<BusName>{rootNamespace}</BusName>", bus.Read("Directory.Build.props"), StringComparison.Ordinal);
        Assert.Contains(
            $"namespace {rootNamespace}.Ingress;", bus.Read("src/Domains/Ingress/Ingress/IngressDomain.cs"), StringComparison.Ordinal);
        Assert.Matches($"(?m)^name: {Regex.Escape(slug)}$", bus.Read("compose.yml").ReplaceLineEndings("\n"));
        Assert.StartsWith($"# {rootNamespace}", bus.Read("README.md"), StringComparison.Ordinal);
        Assert.Equal(bus.Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal)).Order(), bus.SolutionProjects.Order());
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("memory", "--transport", "memory")]
    [InlineData("rabbitmq", "--transport", "rabbitmq")]
    public async Task The_transport_that_is_chosen_is_the_only_one_there(string transport, params string[] options)
    {
        using var bus = await package.Generate("Contoso.Messaging", options);

        using var settings = JsonDocument.Parse(bus.Read("src/Host/appsettings.json"));
        Assert.Equal(transport, settings.RootElement.GetProperty("Bus").GetProperty("Transport").GetString());
        var host = bus.Read("src/Host/Host.csproj");
        Assert.Equal(transport == "sqlite", host.Contains("Transports.Sqlite", StringComparison.Ordinal));
        Assert.Equal(transport == "rabbitmq", host.Contains("Transports.RabbitMq", StringComparison.Ordinal));
        Assert.Equal(transport == "rabbitmq", bus.Files.Contains("compose.yml"));
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
            where !file.StartsWith("feed/", StringComparison.Ordinal) && file != ".maestro.json"
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

        Assert.Equal(
            [".config", ".editorconfig", ".gitattributes", ".gitignore", ".maestro.json", "Acme.sln", "BannedSymbols.txt",
                "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "Directory.Solution.targets", "README.md",
                "docs", "feed", "global.json", "nuget.config", "samples", "src", "tests"],
            roots.Order(StringComparer.Ordinal));
        Assert.DoesNotContain(bus.Files, file => file.Contains("/Platform/", StringComparison.Ordinal));
        Assert.DoesNotContain(bus.Files, file => file.Contains("/Robustness/", StringComparison.Ordinal));
    }

    /// <summary>What a team owns from then on; the feed is not counted.</summary>
    [Theory]
    [InlineData(60, 1500, "--samples", "none")]
    [InlineData(270, 13000)]
    public async Task The_output_is_small(int files, int lines, params string[] options)
    {
        using var bus = await package.Generate("Acme", options);

        var own = bus.Files.Where(file => !file.StartsWith("feed/", StringComparison.Ordinal)).ToList();

        Assert.InRange(own.Count, 1, files);
        Assert.InRange(own.Sum(file => bus.Read(file).Count(character => character == '\n')), 1, lines);
    }

    [Fact]
    public async Task Without_samples_there_is_one_small_domain_and_nothing_of_them()
    {
        using var bus = await package.Generate("Acme", "--samples", "none", "--no-admin", "--transport", "memory");

        Assert.Equal(
            ["Orders"], Directory.GetDirectories(Path.Combine(bus.Root, "src/Domains")).Select(folder => Path.GetFileName(folder)));
        string[] words =
            ["Ingress", "Orchestration", "Integration", "Notifications", "Analytics", "webhook", "Admin.Api", "Polly", "Rabbit", "Kafka"];
        Assert.Empty(
            from file in bus.Files
            where file != "README.md" && !file.StartsWith("docs/", StringComparison.Ordinal)
                && !file.StartsWith("feed/", StringComparison.Ordinal)
            from word in words
            where bus.Read(file).Contains(word, StringComparison.OrdinalIgnoreCase)
            select $"{file} has {word}");
    }

    /// <summary>An upgrade compares with a second rendering.</summary>
    [Fact]
    public async Task Two_outputs_of_one_name_and_the_same_options_are_equal()
    {
        using var one = await package.Generate("Acme");
        using var folder = new TemporaryFolder();

        (await package.New(folder.Path, "maestro-bus", "--name", "Acme", "--no-restore")).Succeeded();

        Assert.All(one.Files, file => Assert.Equal(
            File.ReadAllBytes(Path.Combine(one.Root, file)), File.ReadAllBytes(folder.At(Path.Combine("Acme", file)))));
    }

    [Fact]
    public async Task Every_place_that_names_the_engine_s_version_names_the_packages_version()
    {
        using var bus = await package.Generate("Acme", "--samples", "none", "--rider", "kafka");

        Assert.Contains($"<MaestroVersion>{package.Version}<", bus.Read("Directory.Build.props"), StringComparison.Ordinal);
        using var tools = JsonDocument.Parse(bus.Read(".config/dotnet-tools.json"));
        Assert.Equal(
            package.Version, tools.RootElement.GetProperty("tools").GetProperty("maestro.bus.cli").GetProperty("version").GetString());
        Assert.Equal(
            $$"""
            {
              "version": "{{package.Version}}",
              "name": "Acme",
              "transport": "sqlite",
              "rider": "kafka",
              "samples": "none",
              "platform": "packages",
              "deploy": "none",
              "admin": true
            }

            """,
            bus.Read(".maestro.json"));
    }

    [Fact]
    public async Task The_feed_is_committed_byte_for_byte_whatever_the_user_s_own_git_ignores()
    {
        using var bus = await package.Generate("Acme", "--samples", "none");
        var ignore = Path.Combine(bus.Root, "..", "ignore");
        await File.WriteAllTextAsync(ignore, "*.nupkg\n", TestContext.Current.CancellationToken);

        await bus.Git("init", "--quiet");
        await bus.Git("-c", $"core.excludesFile={ignore}", "-c", "core.autocrlf=true", "add", "--all");

        var committed = (await bus.Git("ls-files", "--eol", "feed")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            package.Engine.Select(file => $"feed/{Path.GetFileName(file)}").Append("feed/README.md"),
            committed.Select(line => line.Split('\t')[1]));
        Assert.All(committed.Where(line => line.EndsWith(".nupkg", StringComparison.Ordinal)), line =>
            Assert.Contains("attr/-text", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_scaffold_without_packages_stops_with_one_sentence()
    {
        using var bus = await package.Generate("Acme", "--samples", "none");
        foreach (var file in Directory.GetFiles(Path.Combine(bus.Root, "feed"), "*.nupkg"))
            File.Delete(file);

        var output = (await bus.DotNet("build", "--nologo", "--verbosity", "quiet")).Failed();

        // The summary repeats it.
        var line = Assert.Single(output.Split('\n').Where(line => line.Contains("error", StringComparison.Ordinal)).Distinct());
        Assert.Contains($"feed/ does not hold the engine's packages in version {package.Version}", line, StringComparison.Ordinal);
    }

    [GeneratedRegex("""maestro|#if\b|#else\b|#endif\b""", RegexOptions.IgnoreCase)]
    private static partial Regex TemplateText();

    [GeneratedRegex("""DomainName|ProcessName|UseCase|BusRoot""")]
    private static partial Regex ItemTemplateToken();

    // The engine's namespaces and the command line keep their names, and the readme names the templates, too.
    static Regex OwnName(string file) => file.EndsWith(".md", StringComparison.Ordinal) ? NamesInText() : NamesInCode();

    [GeneratedRegex(
        """
        \bMaestro\.Bus\b|\bMaestro\.props\b|\bMaestroVersion\b|\.maestro\.json\b|\bmaestro-bus-feed\b|
        \bmaestro(?:-(?:bus|domain|consumer|job|saga|schedule))?\b|\bMAESTRO_(?:URL|KEY)\b
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex NamesInText();

    [GeneratedRegex(
        """
        \bMaestro\.Bus\b|\bMaestro\.props\b|\bMaestroVersion\b|\bmaestro\.bus\.cli\b|\bmaestro-bus-feed\b|
        \bmaestro\b(?!-)|\bMAESTRO_(?:URL|KEY)\b
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex NamesInCode();
}
