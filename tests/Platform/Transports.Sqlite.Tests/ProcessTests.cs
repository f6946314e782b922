namespace Maestro.Bus.Transports.Sqlite.Tests;

/// <summary>Real processes, killed for real.</summary>
public sealed class ProcessTests : FileBusTest
{
    const int Kills = 20;

    [Fact]
    public async Task Every_confirmed_message_is_handled_whenever_the_process_is_killed()
    {
        for (var run = 0; run < Kills; run++)
        {
            await using var child = await ChildProcess.Start("load", File, run * 10_000_000);
            var (confirmed, handled) = (Length("confirmed"), Length("handled"));
            // Different moments under load: after more and more work.
            await Eventually.True(
                () => Task.FromResult(Length("confirmed") > confirmed + (run * 1000) && Length("handled") > handled + (run * 1000)),
                TimeSpan.FromSeconds(60), "load", Cancel);
            await child.Kill();
        }

        var all = Notes.Read(Path.Combine(File.Directory, "confirmed"));
        Assert.InRange(all.Count, Kills * 20, int.MaxValue);
        var before = Notes.Read(Path.Combine(File.Directory, "handled"));

        using var bus = await Load.Start(File.Path, File.Directory);
        await QueueWhen(bus, queue => queue is { Ready: 0, Locked: 0 }, "an empty queue", Load.Queue);
        await bus.StopAsync(Cancel);

        var missing = all.Except(Notes.Read(Path.Combine(File.Directory, "handled"))).ToList();
        Assert.True(missing.Count == 0, $"{missing.Count} of {all.Count} messages are lost, {missing.FirstOrDefault()} among them.");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{all.Count} messages confirmed, {before.Count} handled before the last kill, none lost.");
    }

    [Fact]
    public async Task What_a_killed_process_held_goes_to_the_others()
    {
        await using var child = await ChildProcess.Start("hold", File);
        var sender = await Start();
        var endpoint = await sender.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri($"queue:{Load.Queue}"));
        for (var i = 0; i < 5; i++)
            await endpoint.Send(new Number(i), Cancel);
        for (var i = 0; i < 5; i++)
            await child.Says($"holds {i}");

        var received = new Received<(int Number, bool Redelivered)>();
        await Start(x => x.AddHandler<Number>(context =>
        {
            received.Add((context.Message.Value, context.ReceiveContext.Redelivered));
            return Task.CompletedTask;
        }).Endpoint(e => e.Name = Load.Queue));
        Assert.Empty(received.Items);
        await child.Kill();

        Assert.Equal([(0, true), (1, true), (2, true), (3, true), (4, true)], (await received.AtLeast(5)).Order());
    }

    [Fact]
    public async Task Two_processes_talk_over_one_file()
    {
        await using var child = await ChildProcess.Start("echo", File);
        var bus = await Start();
        var client = bus.Services.GetRequiredService<IBus>();
        await client.Request<Question, Answer>(new Uri("queue:questions"), new Question(0), Cancel);

        for (var i = 1; i <= 50; i++)
        {
            var answer = await client.Request<Question, Answer>(new Uri("queue:questions"), new Question(i), Cancel);
            Assert.Equal((i, child.Id), (answer.Message.Value, answer.Message.Process));
        }
    }

    long Length(string notes) => new FileInfo(Path.Combine(File.Directory, notes)) is { Exists: true } file ? file.Length : 0;
}
