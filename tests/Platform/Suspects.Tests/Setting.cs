namespace Maestro.Bus.Suspects.Tests;

/// <summary>The transport, database and notes of one test, and the processes that use them.</summary>
sealed class Setting : IAsyncDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly List<WorkProcess> _processes = [];
    readonly string _heap;
    IReadOnlyList<string> _settings = [];

    Setting(string? heap) => _heap = heap!;

    public WorkNotes Notes => new(_folder.Path);

    /// <summary>Makes one.</summary>
    /// <param name="servers">The servers.</param>
    /// <param name="transport">
    /// <c>sqlite</c>, <c>quorum</c> or <c>classic</c>, the latter two with a database; <c>quorum-only</c> or <c>classic-only</c>, without.
    /// </param>
    /// <param name="heap">The largest heap of a process, in bytes, as a hexadecimal number; null for any.</param>
    public static async Task<Setting> On(ServersFixture servers, string transport, string? heap = null)
    {
        var setting = new Setting(heap);
        var cancellation = TestContext.Current.CancellationToken;
        var parts = transport.Split('-');
        setting._settings = (parts[0], parts.Length) switch
        {
            ("sqlite", _) =>
            [
                "Bus:Transport=sqlite", $"Bus:Sqlite:Path={setting._folder.At("bus.db")}",
                $"Bus:Database:Path={setting._folder.At("state.db")}",
            ],
            (var type, 2) => [.. await RabbitMq(type), $"{WorkHost.Keeps}=false"],
            (var type, _) =>
            [
                .. await RabbitMq(type), "Bus:Database:Provider=postgresql",
                $"Bus:Database:ConnectionString={await servers.Postgres.CreateDatabase(cancellation)}", "Bus:Database:Migrate=true",
            ],
        };
        return setting;

        async Task<IReadOnlyList<string>> RabbitMq(string type) =>
        [
            "Bus:Transport=rabbitmq", $"Bus:RabbitMq:Url={await servers.RabbitMq.CreateVirtualHost(cancellation)}",
            $"Bus:RabbitMq:QueueType={type}",
        ];
    }

    /// <summary>Starts a process that works.</summary>
    public WorkProcess Start(bool consumes = true)
    {
        var process = WorkProcess.Start(_folder.Path, [.. _settings, $"{WorkHost.Consumes}={(consumes ? "true" : "false")}"], _heap);
        _processes.Add(process);
        return process;
    }

    /// <summary>Sends work while nothing works.</summary>
    public async Task Send(params string[] commands)
    {
        // On RabbitMQ a queue is declared by the host that has it, not by who sends to it.
        var owner = Start();
        await owner.Ready();
        await owner.Stop();

        var sender = Start(consumes: false);
        await sender.Ready();
        foreach (var command in commands)
            await sender.Tell($"send {command}");
        await sender.Stop();
    }

    /// <summary>The dead letters, as a process tells of them.</summary>
    public static async Task<IReadOnlyList<string>> Letters(WorkProcess process)
    {
        var before = process.Lines.Count;
        await process.Tell("letters");
        return [.. process.Lines.Skip(before).Where(line => line.StartsWith("letter ", StringComparison.Ordinal))];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
            await process.DisposeAsync();

        _folder.Dispose();
    }
}
