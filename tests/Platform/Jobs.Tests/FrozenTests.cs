using System.Data.Common;

namespace Maestro.Bus.Jobs.Tests;

/// <summary>A host that is frozen in the middle of a transaction, whose rows PostgreSQL keeps locked.</summary>
public sealed class FrozenTests(PostgresFixture postgres)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_that_is_frozen_while_it_takes_jobs_holds_up_no_others()
    {
        await using var host = await JobsHost.Start(
            await Databases.Postgres(postgres.Server, Cancellation), ("Bus:Jobs:Work:GlobalConcurrency", "1"));
        await Eventually.True(
            async () => await host.Count("job_type", "name = 'Work'") == 1, TimeSpan.FromMinutes(1), "the kind of the job", Cancellation);
        var (isLocked, goesOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var frozen = host.Services.GetRequiredService<BusDatabase>().Write(
            async (connection, transaction) =>
            {
                await using var command = connection.CreateCommand();
                command.Transaction = transaction;
                command.CommandText = "SELECT name FROM job_type FOR UPDATE";
                var name = await command.ExecuteScalarAsync(Cancellation);
                isLocked.SetResult();
                await goesOn.Task;
                return name;
            },
            Cancellation);
        await isLocked.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancellation);

        var id = await host.Submit(new Work("beside it"));
        await host.Until(id, JobStage.Completed);

        goesOn.SetResult();
        await Assert.ThrowsAnyAsync<DbException>(() => frozen);
    }
}
