using Maestro.Bus.Jobs;

namespace BusRoot.DomainName.Tests;

public sealed class UseCaseTests
{
    [Fact]
    public async Task The_job_completes()
    {
        await using var domain = await DomainHarness.Start<DomainNameDomain>();

        var id = await domain.Bus.Bus.SubmitJob(new UseCase(3), TestContext.Current.CancellationToken);

        var job = await domain.JobEnded(id, TestContext.Current.CancellationToken);
        Assert.Equal((JobStage.Completed, 3), (job.Stage, job.Progress));
    }
}
