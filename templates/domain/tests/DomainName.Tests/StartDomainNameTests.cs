namespace BusRoot.DomainName.Tests;

public sealed class StartDomainNameTests
{
    [Fact]
    public async Task A_start_is_announced()
    {
        await using var domain = await DomainHarness.Start<DomainNameDomain>();
        var id = NewId.NextGuid();

        await domain.Bus.Bus.Publish(new StartDomainName(id, "a subject"), TestContext.Current.CancellationToken);

        Assert.True(await domain.Bus.Published.Any<DomainNameStarted>(
            x => x.Context.Message == new DomainNameStarted(id, "a subject"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_start_without_a_subject_is_refused()
    {
        await using var domain = await DomainHarness.Start<DomainNameDomain>();
        var id = NewId.NextGuid();

        await domain.Bus.Bus.Publish(new StartDomainName(id, ""), TestContext.Current.CancellationToken);

        Assert.True(await domain.Bus.Published.Any<Fault<StartDomainName>>(
            x => x.Context.Message.Message.Id == id, TestContext.Current.CancellationToken));
    }
}
