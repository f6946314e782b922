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
    public void MassTransit_is_of_the_last_Apache_licensed_line() =>
        Assert.Equal(8, typeof(IBus).Assembly.GetName().Version!.Major);
}
