namespace MaestroBus.Architecture.Tests;

public sealed class DomainTests
{
    static readonly DomainCatalog Catalog = DomainCatalog.Of(typeof(Program).Assembly);

    public static TheoryData<string> Folders =>
        [.. Directory.GetDirectories(Path.Combine(Solution.Root, "src", "Domains")).Select(folder => Path.GetFileName(folder)!)];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Every_folder_under_Domains_is_a_domain_with_contracts_and_tests(string domain)
    {
        string[] expected =
        [
            $"src/Domains/{domain}/{domain}/{domain}.csproj",
            $"src/Domains/{domain}/{domain}.Contracts/{domain}.Contracts.csproj",
            $"tests/{domain}.Tests/{domain}.Tests.csproj",
        ];

        Assert.Empty(expected.Where(file => !File.Exists(Path.Combine(Solution.Root, file)))
            .Select(file => $"{file} is missing. Was something generated for a misspelt domain?"));
        Assert.Contains(Catalog.Domains, found => found.Name == domain);
    }

    [Fact]
    public void The_five_domains_have_the_queues_and_policies_of_the_product()
    {
        var table = Catalog.Domains
            .Where(domain => domain.Name is "Ingress" or "Orchestration" or "Integration" or "Notifications" or "Analytics")
            .Select(domain => (domain.Queue, Values: domain.Policy))
            .Select(domain =>
                string.Join(' ', domain.Queue, domain.Values.Priority, domain.Values.Concurrency, domain.Values.MemoryPerWorker,
                    domain.Values.Attempts, domain.Values.FirstRetryDelay.TotalSeconds));

        Assert.Equal(
            [
                "analytics-events Low 5 256 3 60",
                "ingress-events High 20 256 5 2",
                "integration-tasks Medium 10 128 7 10",
                "notifications Medium 8 64 5 30",
                "orchestration-flows High 15 512 3 5",
            ],
            table);
    }

    [Fact]
    public void MassTransit_is_of_the_last_Apache_licensed_line() =>
        Assert.Equal(8, typeof(IBus).Assembly.GetName().Version!.Major);
}
