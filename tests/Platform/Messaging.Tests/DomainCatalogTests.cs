namespace Maestro.Bus.Messaging.Tests;

public sealed class DomainCatalogTests
{
    [Fact]
    public void A_domain_is_named_after_its_class_and_its_queue_after_it()
    {
        var domain = new OrderV2Domain();

        Assert.Equal(("OrderV2", "order-v2"), (domain.Name, domain.Queue));
    }

    [Fact]
    public void An_assembly_of_the_domains_folder_without_a_domain_stops_the_start()
    {
        var exception = Assert.Throws<BusConfigurationException>(() =>
            BusParts.Single<BusTransport>(typeof(DomainCatalogTests).Assembly));

        Assert.Contains(
            "is built into the host as one BusTransport, but declares 0 such classes. Declare exactly one, or take its name out of the "
                + "host's project file.", exception.Message);
    }

    [Fact]
    public void Policies_are_the_domains_own_with_configuration_over_them()
    {
        var policies = Policies(attempts: null, new() { ["Bus:Queues:probe:Concurrency"] = "3", ["Bus:Queues:other:Attempts"] = "9" });

        Assert.Equal(new ProbeDomain().Policy with { Concurrency = 3 }, policies.Of("probe"));
        Assert.Equal(6, policies.Of("probe").EffectivePrefetch);
        Assert.Equal(new QueuePolicy { Attempts = 9 }, policies.Of("other"));
        Assert.Equal(new QueuePolicy(), policies.Of("unheard-of"));
    }

    [Fact]
    public void Attempts_of_all_queues_give_way_to_a_queues_own()
    {
        var policies = Policies(attempts: 2, new() { ["Bus:Queues:other:Attempts"] = "9" });

        Assert.Equal([2, 9, 2], new[] { "probe", "other", "unheard-of" }.Select(queue => policies.Of(queue).Attempts));
    }

    static QueuePolicies Policies(int? attempts, Dictionary<string, string?> values)
    {
        var problems = new SettingsProblems();
        var section = new ConfigurationBuilder().AddInMemoryCollection(values).Build().GetSection("Bus:Queues");
        var policies = new QueuePolicies(new DomainCatalog([new ProbeDomain()]), section, attempts, problems);
        problems.ThrowIfAny();
        return policies;
    }

    sealed class OrderV2Domain : BusDomain;
}
