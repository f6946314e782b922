namespace BusRoot.DomainName.Tests;

public sealed class ProcessNameTests
{
    [Fact]
    public async Task A_started_process_runs_until_it_is_completed()
    {
        await using var domain = await DomainHarness.Start<DomainNameDomain>();
        var saga = domain.Bus.GetSagaStateMachineHarness<ProcessNameStateMachine, ProcessNameSaga>();
        var processId = NewId.NextGuid();

        await domain.Bus.Bus.Publish(new ProcessNameStarted(processId), TestContext.Current.CancellationToken);
        Assert.NotNull(await saga.Exists(processId, x => x.Running));

        await domain.Bus.Bus.Publish(new ProcessNameCompleted(processId), TestContext.Current.CancellationToken);
        Assert.Null(await saga.NotExists(processId));
    }
}
