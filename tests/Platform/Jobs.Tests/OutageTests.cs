namespace Maestro.Bus.Jobs.Tests;

public sealed class OutageTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_ended_while_the_database_was_away_is_written_down_when_it_is_back()
    {
        await using var server = new PostgresServer();
        await server.Start(Cancellation);
        // However long the server takes to come back, the host is not taken for dead.
        await using var host = await JobsHost.Start(
            await Databases.Postgres(server, Cancellation), ("Bus:JobService:StalledAfter", "10m"));
        var id = await host.Submit(new Wait("through the outage"));
        await host.Probe.UntilBegun(1);

        await server.Kill();
        host.Probe.Release("through the outage");
        await Assert.ThrowsAnyAsync<Exception>(() => host.Submit(new Work("refused")));
        await server.Start(Cancellation);

        await Eventually.True(
            async () => await Stage(host, id) == JobStage.Completed, TimeSpan.FromSeconds(60), "the job to complete", Cancellation);
        Assert.Equal((1, 0), ((await host.Find(id))!.Attempt, (await host.Find(id))!.Stalls));
        await host.Submit(new Work("afterwards"));
        await host.Probe.UntilBegun(2);
    }

    static async Task<JobStage?> Stage(JobsHost host, Guid id)
    {
        try
        {
            return (await host.Find(id))?.Stage;
        }
        catch (Npgsql.NpgsqlException)
        {
            // The server is still recovering.
            return null;
        }
    }
}
