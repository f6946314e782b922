namespace BusRoot.DomainName.Tests;

public sealed class UseCaseTests
{
    [Fact]
    public async Task The_schedule_s_message_is_handled()
    {
        await using var domain = await DomainHarness.Start<DomainNameDomain>();

        await domain.Bus.Bus.Publish(new UseCase(), TestContext.Current.CancellationToken);

        Assert.True(await domain.Bus.GetConsumerHarness<UseCaseConsumer>().Consumed
            .Any<UseCase>(consumed => consumed.Exception is null, TestContext.Current.CancellationToken));
    }
}
