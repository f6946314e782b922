using System.Diagnostics;

namespace Maestro.Bus.Ledger.Tests;

/// <summary>
/// What HTTP has accepted, against what is in the table, while hosts and servers are killed. The long suite has the size of a release:
/// 20,000 messages, at least eight killed hosts, and servers that are killed, too.
/// </summary>
public sealed class LedgerTests
{
    const int Keys = 50;

    static readonly int Messages = LongSuite.Size(500, full: 20_000);
    static readonly int PerSecond = LongSuite.Size(50, full: 200);
    static readonly int HostKills = LongSuite.Size(2, full: 8);
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static TheoryData<string> Shapes =>
        LongSuite.IsOn
            ? [nameof(Shape.RabbitMqAndPostgreSql), nameof(Shape.RabbitMqCluster), nameof(Shape.Sqlite)]
            : [nameof(Shape.Sqlite)];

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task What_was_accepted_is_in_the_table_once_and_reached_the_broker_in_its_order_whatever_is_killed(string name)
    {
        var clock = Stopwatch.StartNew();
        await using var shape = await Shape.Start(name, Cancellation);
        var witness = new Witness(shape.Settings);
        await witness.Declare(Cancellation);
        await using var one = new LedgerProcess(shape.Settings);
        await using var other = new LedgerProcess(shape.Settings);
        LedgerProcess[] hosts = [one, other];
        one.Start();
        await one.Ready(Cancellation);
        other.Start();
        await other.Ready(Cancellation);

        var sender = new LedgerSender([one.Address, other.Address], Keys, PerSecond, Messages);
        using var sent = new CancellationTokenSource();
        var hostsKilled = 0;
        var serversKilled = 0;
        var killing = Task.WhenAll(KillHosts(hosts, () => Interlocked.Increment(ref hostsKilled), sent.Token), KillServers());
        // Whatever the machine's speed is: so many messages, and so many kills among them.
        await sender.Run(
            () => !killing.IsFaulted && (sender.Accepted < Messages || hostsKilled < HostKills || serversKilled < shape.Kills.Count),
            Cancellation);
        await sent.CancelAsync();
        await killing;

        // The hosts that live do the rest.
        await Task.WhenAll(hosts.Select(host => host.Attended(Cancellation)));
        var accepted = sender.Ledger().ToList();
        await Settled(shape, accepted.Count, hosts);
        var exits = await Task.WhenAll(hosts.Select(host => host.Stop(Cancellation)));
        var rows = await Rows(shape);
        var atBroker = await witness.Read(accepted.Count, Cancellation);

        var lost = accepted.Except(rows).ToList();
        var twice = rows.GroupBy(row => row).Where(row => row.Count() > 1).Select(row => row.Key).ToList();
        var swapped = atBroker.GroupBy(entry => entry.Key, entry => entry.Value)
            .Where(key => !key.SequenceEqual(Enumerable.Range(0, key.Count()))).ToList();
        Console.WriteLine(
            $"{name}: {accepted.Count} accepted, {sender.Repeated} sent again, {hostsKilled} hosts and {serversKilled} servers killed, "
            + $"{hosts.Sum(host => host.Restarts)} hosts ended by themselves, {rows.Count} rows, {lost.Count} lost, {twice.Count} twice, "
            + $"{swapped.Count} keys out of order, {clock.Elapsed.TotalSeconds:0} s");
        Assert.Empty(lost);
        Assert.Empty(twice);
        Assert.Equal(accepted.Count, rows.Count);
        Assert.Empty(swapped);
        Assert.Equal(0, await shape.InQueue(Cancellation));
        Assert.All(exits, code => Assert.Equal(0, code));

        async Task KillServers()
        {
            for (; serversKilled < shape.Kills.Count; serversKilled++)
            {
                var next = Messages * (serversKilled + 1) / (shape.Kills.Count + 1);
                await Eventually.True(
                    () => Task.FromResult(sender.Accepted >= next), Patience, $"the entry {next} to be accepted", Cancellation);
                await shape.Kills[serversKilled](Cancellation);
            }
        }
    }

    /// <summary>Kills one of the hosts a while after the one that was killed last is ready again, and starts it again.</summary>
    static async Task KillHosts(IReadOnlyList<LedgerProcess> hosts, Action killed, CancellationToken sent)
    {
        var random = new Random(1);
        var victim = hosts[0];
        try
        {
            while (!sent.IsCancellationRequested)
            {
                await victim.Attended(sent);
                using (var life = new PeriodicTimer(TimeSpan.FromMilliseconds(random.Next(1_000, 5_000))))
                    await life.WaitForNextTickAsync(sent);
                victim = hosts[random.Next(hosts.Count)];
                await victim.Kill();
                killed();
                victim.Start();
            }
        }
        catch (OperationCanceledException) when (sent.IsCancellationRequested)
        {
            // All has been sent.
        }
    }

    /// <summary>Waits until everything has come to its end, for as long as it gets on.</summary>
    static async Task Settled(Shape shape, int count, IReadOnlyList<LedgerProcess> hosts)
    {
        var (rows, before, isSettled, found) = (0, -1, false, "");
        try
        {
            while (!isSettled)
            {
                before = rows;
                await Eventually.True(GetsOn, Patience, "the last entry", Cancellation);
            }
        }
        catch (TimeoutException exception)
        {
            var output = string.Join(Environment.NewLine, hosts.Select(host => host.Output));
            throw new InvalidOperationException($"{found}. {output}", exception);
        }

        async Task<bool> GetsOn()
        {
            await using var ledger = shape.Open();
            rows = await ledger.Rows.CountAsync(Cancellation);
            var (outbox, letters) = (await Count(ledger, $"SELECT CAST(count(*) AS int) AS \"Value\" FROM outbox_message"),
                await Count(ledger, $"SELECT CAST(count(*) AS int) AS \"Value\" FROM dead_letter"));
            var waiting = await shape.InQueue(Cancellation);
            found = $"{rows} rows of {count}, {outbox} in the outbox, {waiting} in the queue, {letters} dead letters";
            isSettled = letters > 0 || (rows >= count && outbox == 0 && waiting == 0);
            return isSettled || rows > before;
        }
    }

    static Task<int> Count(LedgerContext ledger, FormattableString statement) =>
        ledger.Database.SqlQuery<int>(statement).SingleAsync(Cancellation);

    static async Task<List<Entry>> Rows(Shape shape)
    {
        await using var ledger = shape.Open();
        return await ledger.Rows.Select(row => new Entry(row.Key, row.Value)).ToListAsync(Cancellation);
    }
}
