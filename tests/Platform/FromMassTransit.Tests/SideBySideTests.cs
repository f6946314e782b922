using System.Diagnostics;

namespace Maestro.Bus.FromMassTransit.Tests;

/// <summary>
/// Hosts of both applications on one broker and one database, under load: all orders come to their end, and nothing is handled twice. In
/// the long suite this takes ten minutes.
/// </summary>
[Collection("applications")]
public sealed class SideBySideTests(Servers servers)
{
    const int InFlight = 40;
    const int Fewest = 200;

    static readonly TimeSpan LongTime = TimeSpan.FromMinutes(10);
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_applications_share_the_work_of_one_broker()
    {
        var place = await Place.Create(servers);
        using var free = new SemaphoreSlim(InFlight);
        await using var world = await World.Start(place, async (order, what, bus) =>
        {
            if (what == "accepted")
                await bus.Publish(new PaymentReceived(order), Cancellation);
            else
                free.Release();
        });
        await using var old = await Application.StartOld(place);
        var application = await Application.StartNew(place, "--Scheduler=quartz");
        var (sent, posted) = (0, 0);

        try
        {
            await Load(Fewest / 2);

            // The schedules move while both work.
            await application.Stop();
            await application.DisposeAsync();
            application = await Application.StartNew(place);
            await Load(Fewest);
            for (var i = 0; i < InFlight; i++)
                await Free();
        }
        finally
        {
            await application.DisposeAsync();
        }

        var orders = sent + posted;
        Assert.Equal(orders, await place.Count("""SELECT count(*) FROM "OrderState" WHERE "CurrentState" = 'Paid'"""));
        Assert.Equal(orders, await place.Rows("OrderState"));
        Assert.Equal(2 * orders, world.Heard.Count);
        Assert.All(world.Heard, heard => Assert.Equal(1, heard.Value));
        Assert.Empty(await place.List("""
            SELECT concat("What", ' ', "OrderId") FROM "Journal" GROUP BY "What", "OrderId" HAVING count(*) > 1
            """));
        Assert.Equal((3 * sent) + (2 * posted), await place.Rows("Journal"));
        Assert.Empty(await Broker.Failures(servers, place));

        var (byOld, byNew) = (await Share(Application.OldName), await Share(Application.NewName));
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{orders} orders, {byOld} messages of theirs handled by the old application, {byNew} by the new one; none lost, none twice.");

        async Task Load(int fewest)
        {
            var clock = Stopwatch.StartNew();
            while (sent + posted < fewest || (LongSuite.IsOn && clock.Elapsed < LongTime / 2) || !await BothWork())
            {
                await Free();

                // A request is answered by the new application; messages come to both.
                if (sent % 4 == 3 && posted < sent / 4)
                {
                    await application.Post(World.Order());
                    posted++;
                }
                else
                {
                    await world.Submit(World.Order());
                    sent++;
                }
            }
        }

        async Task Free()
        {
            if (!await free.WaitAsync(Patience, Cancellation))
                Assert.Fail(await Left(place, sent + posted));
        }

        async Task<bool> BothWork() => await Share(Application.OldName) > 0 && await Share(Application.NewName) > 0;

        Task<long> Share(string name) => place.Count("""SELECT count(*) FROM "Journal" WHERE "Application" = $1""", name);
    }

    static async Task<string> Left(Place place, int orders)
    {
        var states = await place.List("""SELECT concat(count(*), ' ', "CurrentState") FROM "OrderState" GROUP BY "CurrentState" """);
        return $"Of {orders} orders there are {string.Join(", ", states)}.";
    }
}
