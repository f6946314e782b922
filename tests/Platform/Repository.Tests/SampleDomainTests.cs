namespace Maestro.Bus.Repository.Tests;

public sealed class SampleDomainTests
{
    [Fact]
    public void The_five_domains_have_the_queues_and_policies_of_the_product()
    {
        var table = DomainCatalog.Of(typeof(Program).Assembly).Domains
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
}
