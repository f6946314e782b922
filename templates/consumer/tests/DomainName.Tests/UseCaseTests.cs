namespace BusRoot.DomainName.Tests;

public sealed class UseCaseTests
{
    [Fact]
    public async Task The_message_is_handled()
    {
        await using var domain = await DomainHarness.Start<DomainNameDomain>();
        var id = NewId.NextGuid();

        await domain.Bus.Bus.Publish(new UseCase(id), TestContext.Current.CancellationToken);

        Assert.True(await domain.Bus.GetConsumerHarness<UseCaseConsumer>().Consumed.Any<UseCase>(
            x => x.Exception is null && x.Context.Message.Id == id, TestContext.Current.CancellationToken));
    }
}
