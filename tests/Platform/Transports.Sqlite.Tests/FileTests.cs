using System.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Maestro.Bus.Transports.Sqlite.Tests;

public sealed class FileTests : FileBusTest
{
    [Fact]
    public async Task The_file_and_its_directory_are_created_for_the_bus_user_only()
    {
        var path = Path.Combine(File.Directory, "some", "where", "bus.db");

        var bus = await FileBus.Start(path);

        Assert.True(System.IO.File.Exists(path));
        if (!OperatingSystem.IsWindows())
        {
            foreach (var file in Directory.GetFiles(Path.GetDirectoryName(path)!))
                Assert.Equal((file, UnixFileMode.UserRead | UnixFileMode.UserWrite), (file, System.IO.File.GetUnixFileMode(file)));
        }

        await Stop(bus);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(path)!, "*-owner-*"));
    }

    [Fact]
    public async Task A_directory_is_refused()
    {
        Assert.Equal(
            $"Bus:Sqlite:Path is {File.Directory}, which is a directory. Name a file, such as {File.Path}.",
            await Refusal(() => FileBus.Start(File.Directory)));
    }

    [Fact]
    public async Task A_directory_that_cannot_be_made_is_named()
    {
        System.IO.File.WriteAllText(File.Path, "");

        Assert.StartsWith($"The directory of Bus:Sqlite:Path, {File.Path}, cannot be made: ",
            await Refusal(() => FileBus.Start(Path.Combine(File.Path, "bus.db"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_where_nobody_may_write_is_refused()
    {
        const string path = "/proc/bus.db";

        Assert.StartsWith(
            $"The bus cannot use its file {path}. It cannot be opened. Let the bus's user read and write it and its directory.",
            await Refusal(() => FileBus.Start(path)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_as_it_is()
    {
        var text = string.Concat(Enumerable.Repeat("Dear diary, ", 100));
        System.IO.File.WriteAllText(File.Path, text);

        Assert.StartsWith(
            $"The bus cannot use its file {File.Path}. It is not a database. Name another file in Bus:Sqlite:Path, or move this one away.",
            await Refusal(() => Start()), StringComparison.Ordinal);
        Assert.Equal(text, System.IO.File.ReadAllText(File.Path));
    }

    [Fact]
    public async Task Another_programs_database_is_refused()
    {
        Change("CREATE TABLE customer (name TEXT)");

        Assert.Equal(
            $"Bus:Sqlite:Path is {File.Path}, which is another program's database. Name a file of the bus's own, such as data/bus.db.",
            await Refusal(() => Start()));
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_refused()
    {
        await Stop(await Start());
        Change("PRAGMA user_version = 99");

        Assert.Equal(
            $"The bus's file {File.Path} has version 99, and this program knows versions up to {Schema.Version}. " +
            "Run the program that wrote it or a newer one, or name another file in Bus:Sqlite:Path.",
            await Refusal(() => Start()));
    }

    [Fact]
    public async Task A_read_only_file_is_refused()
    {
        await Stop(await Start());

        // SQLite must not write to a file whose format is newer than it knows, whoever runs it: the permissions do not stop a superuser.
        using (var file = System.IO.File.OpenWrite(File.Path))
        {
            file.Position = 18;
            file.WriteByte(3);
        }

        Assert.StartsWith($"The bus cannot use its file {File.Path}. It is read-only. Let the bus's user write to it and to its directory.",
            await Refusal(() => Start()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_corrupt_file_is_refused()
    {
        var bus = await Start();
        await Parallel.ForEachAsync(Enumerable.Range(0, 500), Cancel, async (number, _) => await Send(bus, new Note(number)));
        await Stop(bus);
        Change("PRAGMA wal_checkpoint(TRUNCATE)");
        using (var file = System.IO.File.OpenWrite(File.Path))
        {
            file.Position = 4096 * 20;
            file.Write(new byte[4096 * 20]);
        }

        Assert.StartsWith(
            $"The bus cannot use its file {File.Path}. It is corrupt. Move it away to start with an empty one, or restore it "
                + "from a backup.", await Refusal(() => Start()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_another_program_has_locked_is_waited_for_at_the_start()
    {
        await Stop(await Start());
        Task<IHost> start;
        using (var other = Database.Open(File.Path, TimeSpan.Zero))
        {
            other.Execute("BEGIN IMMEDIATE");
            start = Start(settings: ("BusyTimeout", "100ms"));
            await Assert.ThrowsAsync<TimeoutException>(() => start.WaitAsync(TimeSpan.FromSeconds(1), Cancel));
        }

        await Stop(await start);
    }

    [Fact]
    public async Task A_file_that_another_program_locks_later_fails_what_is_sent_and_the_health_until_it_is_free()
    {
        var received = new Received<int>();
        var bus = await StartNotes(
            context =>
            {
                received.Add(context.Message.Number);
                return Task.CompletedTask;
            },
            settings: ("BusyTimeout", "100ms"));
        using var log = new LogLines();
        bus.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        Assert.Equal(HealthStatus.Healthy, await Health(bus));

        using (var other = Database.Open(File.Path, TimeSpan.FromMinutes(1)))
        {
            other.Execute("BEGIN IMMEDIATE");
            var exception = await Assert.ThrowsAsync<SqliteTransportException>(() => Send(bus, new Note(1)));
            Assert.StartsWith(
                $"The bus cannot use its file {File.Path}. Another program has locked it.", exception.Message, StringComparison.Ordinal);
            Assert.Equal(HealthStatus.Unhealthy, await Health(bus));
        }

        await Eventually.True(async () => await Health(bus) == HealthStatus.Healthy, TimeSpan.FromSeconds(60), "health", Cancel);
        await Send(bus, new Note(2));
        Assert.Equal([2], await received.AtLeast(1));
        Assert.Collection(
            log.All.Where(line => line.StartsWith($"The bus's file {File.Path} ", StringComparison.Ordinal)),
            begun => Assert.Equal(
                $"The bus's file {File.Path} cannot be reached: another program has locked it. End that program, or raise "
                    + "Bus:Sqlite:BusyTimeout (SQLite 5: database is locked). It is tried again until it can", begun),
            ended => Assert.StartsWith($"The bus's file {File.Path} is back after ", ended, StringComparison.Ordinal));
        Assert.DoesNotContain(
            log.Entries, entry => entry.Exception is not null && entry.Text.StartsWith("The bus's file", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_its_sender_has_given_up_while_another_program_had_the_file_is_not_written()
    {
        using var broker = File.Open(new SqliteSettings { BusyTimeout = TimeSpan.FromMinutes(1) });
        await broker.DeclareQueue("inbox", null, null);
        using var givingUp = new CancellationTokenSource();
        Task given, kept;

        using (var other = Database.Open(File.Path, TimeSpan.FromMinutes(1)))
        {
            other.Execute("BEGIN IMMEDIATE");
            given = broker.Send("inbox", NewMessage(), delay: null, givingUp.Token);
            kept = broker.Send("inbox", NewMessage(), delay: null, Cancel);
            await givingUp.CancelAsync();
        }

        await kept;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.Equal(1, Assert.Single(await new SqliteQueues(() => broker).List()).Ready);
    }

    /// <summary>SQLite's own way to wait asks every 100 ms, and hardly ever meets the moment between two transactions.</summary>
    [Fact]
    public async Task What_is_sent_comes_between_the_transactions_of_a_process_that_writes_all_the_time()
    {
        using var broker = File.Open(new SqliteSettings());
        await broker.DeclareQueue("inbox", null, null);
        using var other = Database.Open(File.Path, TimeSpan.FromMinutes(1));
        var isOver = false;
        var writing = Task.Factory.StartNew(
            () =>
            {
                while (!Volatile.Read(ref isOver))
                {
                    other.Execute("BEGIN IMMEDIATE");
                    Spin(milliseconds: 50);
                    other.Execute("COMMIT");
                    Spin(milliseconds: 1);
                }
            },
            Cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        try
        {
            for (var send = 0; send < 10; send++)
                await broker.Send("inbox", NewMessage(), delay: null, Cancel);
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            await writing;
        }

        static void Spin(int milliseconds)
        {
            var clock = Stopwatch.StartNew();
            while (clock.ElapsedMilliseconds < milliseconds)
                Thread.SpinWait(100);
        }
    }

    [Fact]
    public async Task A_file_that_has_its_largest_size_takes_no_more_until_consumers_have_made_room()
    {
        var confirmed = new List<int>();
        var bus = await Start(settings: ("MaxSize", "1"));
        var exception = await Assert.ThrowsAsync<SqliteTransportException>(async () =>
        {
            for (var i = 0; i < 1000; i++)
            {
                await Send(bus, new Note(i, new string('x', 10_000)));
                confirmed.Add(i);
            }
        });
        Assert.Equal(
            $"The bus's file {File.Path} has grown to the 1 MB that Bus:Sqlite:MaxSize allows. Let consumers make room, or raise "
                + "the setting.", exception.Message);
        Assert.InRange(confirmed.Count, 20, 110);
        Assert.Equal(HealthStatus.Healthy, await Health(bus));

        var received = new Received<int>();
        await StartNotes(
            context =>
            {
                received.Add(context.Message.Number);
                return Task.CompletedTask;
            },
            new QueuePolicy { Concurrency = 1, Attempts = 1 });

        Assert.Equal(confirmed, await received.AtLeast(confirmed.Count));
        await QueueWhen(bus, queue => queue is { Ready: 0, Locked: 0 }, "an empty queue");
        await Send(bus, new Note(2000));
        Assert.Equal(2000, (await received.AtLeast(confirmed.Count + 1))[^1]);
    }

    [Fact]
    public async Task The_file_gives_its_room_back()
    {
        var bus = await Start(settings: ("Durability", "normal"));
        var text = new string('x', 2000);
        await Parallel.ForEachAsync(Enumerable.Range(0, 5000), Cancel, async (number, _) => await Send(bus, new Note(number, text)));
        Assert.InRange(Size("") + Size("-wal"), 10_000_000, 100_000_000);

        await bus.Services.GetRequiredService<SqliteQueues>().Purge("notes");

        await Eventually.True(() => Task.FromResult(Size("") + Size("-wal") < 4_000_000), TimeSpan.FromSeconds(60), "a small file", Cancel);
    }

    static Message NewMessage() => new() { TransportMessageId = NewId.NextGuid(), Priority = 100, BinaryBody = [1] };

    static async Task<string> Refusal(Func<Task> start) => (await Assert.ThrowsAsync<BusConfigurationException>(start)).Message;

    static async Task<HealthStatus> Health(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>()
            .CheckHealthAsync(check => check.Name == "sqlite-file", Cancel)).Status;

    long Size(string suffix) => new FileInfo(File.Path + suffix) is { Exists: true } file ? file.Length : 0;

    void Change(string sql)
    {
        using var database = Database.Open(File.Path, TimeSpan.FromSeconds(1));
        database.Execute(sql);
    }
}
