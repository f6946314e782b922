using Npgsql;

namespace Maestro.Bus.Jobs.Tests;

/// <summary>What jobs log, and what becomes of it when they end.</summary>
public sealed class ReportTests(PostgresFixture postgres)
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_has_ended_only_when_the_lines_that_are_being_written_down_are_there()
    {
        var database = await Databases.Postgres(postgres.Server, Cancellation);
        await using var host = await JobsHost.Start(database);
        await using var source = NpgsqlDataSource.Create(database["Bus:Database:ConnectionString"]!);
        await using var holder = await source.OpenConnectionAsync(Cancellation);
        await using var transaction = await holder.BeginTransactionAsync(Cancellation);
        await Ask(holder, "LOCK TABLE job_log IN EXCLUSIVE MODE");

        var remark = await host.Submit(new Remark("Ada"));
        await host.Probe.UntilBegun(1);
        await Eventually.True(
            async () => await Ask(
                holder, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") is > 0L,
            Patience, "the report to wait for the table", Cancellation);
        host.Probe.Release("Ada");
        // Its end would be written down before that of another job, which has nothing to report.
        await host.Until(await host.Submit(new Work("afterwards")), JobStage.Completed);
        Assert.Equal(JobStage.Running, (await host.Find(remark))!.Stage);

        await transaction.RollbackAsync(Cancellation);
        await host.Until(remark, JobStage.Completed);
        Assert.Equal("Ada", Assert.Single(await host.Jobs(jobs => jobs.Logs(remark))).Text);
    }

    static async Task<object?> Ask(NpgsqlConnection connection, string statement)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        return await command.ExecuteScalarAsync(Cancellation);
    }
}
