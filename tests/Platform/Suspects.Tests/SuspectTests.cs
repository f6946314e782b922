namespace Maestro.Bus.Suspects.Tests;

/// <summary>Messages that end their process, and healthy ones beside them, in real processes that end for real.</summary>
public sealed class SuspectTests(ServersFixture servers)
{
    const int Poison = 1_000;
    const int Half = 20;

    /// <summary>Enough for a healthy host, and soon used up.</summary>
    const string SmallHeap = "0x6000000";

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>A transport, how the process ends, and how many hosts there are; all of them in the long suite.</summary>
    public static TheoryData<string, string, int> Endings
    {
        get
        {
            TheoryData<string, string, int> usual = new()
            {
                { "sqlite", "allocate", 1 }, { "quorum", "kill", 2 }, { "quorum-only", "kill", 2 },
            };
            TheoryData<string, string, int> others = new()
            {
                { "sqlite", "kill", 1 }, { "sqlite", "kill", 2 }, { "quorum", "kill", 1 }, { "quorum", "allocate", 1 },
                { "classic", "kill", 1 },
                { "quorum-only", "allocate", 1 }, { "classic-only", "kill", 1 },
            };
            return LongSuite.IsOn ? [.. usual, .. others] : usual;
        }
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task A_message_that_ends_its_process_is_a_dead_letter_after_three_deaths_and_all_others_are_handled(
        string transport, string kind, int hosts)
    {
        await using var setting = await Setting.On(servers, transport, kind == "allocate" ? SmallHeap : null);
        await setting.Send($"1 {Half} 20 work", $"{Poison} 1 0 {kind}", $"{Half + 1} {Half} 20 work");

        var (deaths, last) = await Supervise(setting, hosts, () => setting.Notes.Done.Read().Distinct().Count() == 2 * Half);

        // Those of a queue are not there for a moment after somebody has looked at them.
        var letter = Assert.Single(await Eventually.Some(
            async () => await Setting.Letters(last) is { Count: > 0 } found ? found : null, Patience, "the dead letter", Cancellation));
        Assert.Contains(
            $" {Poison} process-ended 3 The process ended three times while it handled this message: once beside others, ", letter,
            StringComparison.Ordinal);
        Assert.Equal((3, 3), (deaths, setting.Notes.Begun.Read().Count(number => number == Poison)));
        Assert.Equal(Enumerable.Range(1, 2 * Half), setting.Notes.Done.Read().Distinct().Order());

        // Without a database somebody else moves dead letters back.
        if (transport.EndsWith("-only", StringComparison.Ordinal))
            return;

        // What is sent again from the dead letters begins anew.
        setting.Notes.Heal();
        await last.Tell($"retry {letter.Split(' ')[1]}");
        await Eventually.True(
            () => Task.FromResult(setting.Notes.Done.Read().Contains(Poison)), Patience, "the healed message", Cancellation);
        Assert.Empty(await Setting.Letters(last));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("quorum")]
    [InlineData("quorum-only")]
    public async Task A_host_that_stops_makes_no_suspects(string transport)
    {
        await using var setting = await Setting.On(servers, transport);
        // More than a host does while somebody takes a breath before he stops it.
        await setting.Send("1 60 1000 work");
        var first = setting.Start();
        await first.Ready();
        await Eventually.True(() => Task.FromResult(setting.Notes.Done.Read().Count > 0), Patience, "the first work", Cancellation);
        await first.Stop();
        Assert.InRange(setting.Notes.Done.Read().Distinct().Count(), 1, 59);

        var second = setting.Start();
        await Eventually.True(
            () => Task.FromResult(setting.Notes.Done.Read().Distinct().Count() == 60), Patience, "all work", Cancellation);

        Assert.DoesNotContain(second.Lines, line => line.Contains("is handled alone", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("quorum")]
    [InlineData("quorum-only")]
    public async Task Killing_a_busy_host_makes_no_dead_letters(string transport)
    {
        const int millionsApart = 1_000_000;

        var kills = LongSuite.Size(1, 100);
        var longest = LongSuite.Size(3, 10);
        await using var setting = await Setting.On(servers, transport);
        var suspects = 0;

        for (var kill = 0; kill < kills; kill++)
        {
            var host = setting.Start();
            await host.Ready();
            await host.Tell($"feed {(kill + 1) * millionsApart} 50");
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(2 + ((longest - 2) * Random.Shared.NextDouble())));
            await timer.WaitForNextTickAsync(Cancellation);
            await host.Kill();
            suspects += host.Lines.Count(line => line.Contains("is handled alone", StringComparison.Ordinal));
        }

        var last = setting.Start();
        await last.Ready();
        var sent = setting.Notes.Sent.Read().ToHashSet();
        await Eventually.True(
            () => Task.FromResult(sent.IsSubsetOf(setting.Notes.Done.Read())), Patience, "all that was sent", Cancellation);

        Assert.Empty(await Setting.Letters(last));
        TestContext.Current.SendDiagnosticMessage(
            $"{transport}: {kills} kills, {sent.Count} messages, {suspects} handled alone, no dead letter");
    }

    /// <summary>
    /// Keeps hosts running, as an orchestrator does, until everything is done and none has ended for as long as it takes to start.
    /// </summary>
    /// <returns>How many have ended by themselves, and one that runs.</returns>
    static async Task<(int Deaths, WorkProcess Last)> Supervise(Setting setting, int hosts, Func<bool> isDone)
    {
        var deaths = 0;
        var running = Enumerable.Range(0, hosts).Select(_ => setting.Start()).ToList();

        await Eventually.True(
            async () =>
            {
                for (var i = 0; i < hosts; i++)
                {
                    if (!running[i].HasEnded)
                        continue;

                    deaths++;
                    running[i] = setting.Start();
                }

                if (!isDone() || !running[0].Lines.Contains("ready"))
                    return false;

                try
                {
                    // One that has ended meanwhile has not been counted yet.
                    return (await Setting.Letters(running[0])).Count > 0 && !running.Exists(process => process.HasEnded);
                }
                catch (Exception exception) when (
                    exception is InvalidOperationException or IOException or ServerException && running[0].HasEnded)
                {
                    return false;
                }
            },
            Patience, "all to be done", Cancellation);

        return (deaths, running[0]);
    }
}
