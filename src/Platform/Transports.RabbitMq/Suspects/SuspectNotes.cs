using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Notes lone attempts at the broker, for hosts without a database. A suspect has a queue of notes, one for each attempt that has begun and
/// not returned. A process that ends leaves its note there; one that lives takes it back, also when it stops or its connection is lost.
/// </summary>
/// <param name="connect">Makes a connection: one of its own, which outlives the bus's.</param>
/// <param name="logger">Takes what goes wrong.</param>
sealed partial class SuspectNotes(Func<CancellationToken, Task<IConnection>> connect, ILogger<SuspectNotes> logger)
    : IHostedService, IDisposable
{
    const ushort NotFound = 404;
    const string Prefix = "suspects.";
    const string Stops = $"{Prefix}stops";

    /// <summary>For so long after a host has stopped, what is delivered again for the first time may be what it has given back.</summary>
    static readonly TimeSpan StopAge = TimeSpan.FromMinutes(2);

    static readonly TimeSpan NoteAge = TimeSpan.FromDays(7);
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    readonly ConcurrentDictionary<Guid, string> _mine = [];
    readonly CancellationTokenSource _stopping = new();
    readonly SemaphoreSlim _turn = new(1);
    IConnection? _connection;
    bool _isOver;

    /// <summary>Whether a queue of this host asks for suspects.</summary>
    public bool IsUsed { get; set; }

    /// <summary>The name of a suspect's queue of notes.</summary>
    public static string NameOf(string queue, string message) =>
        Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{queue}\n{message}")))[..32];

    /// <summary>Counts the lone attempts at a suspect that have not returned.</summary>
    public Task<int> Count(string name, CancellationToken cancellationToken) => OnChannel(
        async (channel, limit) =>
        {
            try
            {
                return (int)(await channel.QueueDeclarePassiveAsync(name, limit)).MessageCount;
            }
            catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == NotFound)
            {
                // Nearly always: nothing was handled alone and ended its process.
                return 0;
            }
        },
        cancellationToken);

    /// <summary>Notes that a lone attempt begins. Returns when the note is safe.</summary>
    public Task Add(string name, Guid attempt, CancellationToken cancellationToken)
    {
        _mine[attempt] = name;
        return OnChannel(
            async (channel, limit) =>
            {
                await Declare(channel, name, "x-expires", NoteAge, limit);
                await Publish(channel, name, attempt, limit);
                return true;
            },
            cancellationToken);
    }

    /// <summary>Takes the note of a lone attempt back. While the broker is away, it is tried again until the host stops.</summary>
    public Task TakeBack(Guid attempt) => Settle(attempt, TakeBack);

    /// <summary>Forgets all that is noted of a suspect: its attempt has returned.</summary>
    public Task Forget(string name, Guid attempt)
    {
        _mine.TryAdd(attempt, name);
        return Settle(attempt, Delete);
    }

    /// <summary>Notes that this host stops, and gives back what it has prefetched.</summary>
    public async Task NoteStop()
    {
        if (!IsUsed)
            return;

        try
        {
            await OnChannel(
                async (channel, limit) =>
                {
                    await Declare(channel, Stops, "x-message-ttl", StopAge, limit);
                    await Publish(channel, Stops, NewId.NextGuid(), limit);
                    return true;
                },
                CancellationToken.None);
        }
        catch (Exception exception)
        {
            // What it gives back is handled alone, then.
            StopNotNoted(exception);
        }
    }

    /// <summary>Tells whether a host has stopped in the last minutes.</summary>
    public Task<bool> HasStop(CancellationToken cancellationToken) => OnChannel(
        async (channel, limit) => (await Declare(channel, Stops, "x-message-ttl", StopAge, limit)).MessageCount > 0, cancellationToken);

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Takes back the notes of attempts that have outlasted the bus: the host has not ended with them.</summary>
    async Task IHostedService.StopAsync(CancellationToken cancellationToken)
    {
        // A host may be stopped again, also after it was disposed of.
        if (Interlocked.Exchange(ref _isOver, true))
            return;

        await _stopping.CancelAsync();
        foreach (var attempt in _mine.Keys)
            await Tried(attempt, TakeBack);

        if (_connection is { } connection)
            await connection.DisposeAsync();
    }

    public void Dispose()
    {
        _isOver = true;
        _stopping.Dispose();
        _turn.Dispose();
    }

    static Task<QueueDeclareOk> Declare(
        IChannel channel, string name, string argument, TimeSpan value, CancellationToken cancellationToken) =>
        channel.QueueDeclareAsync(
            name, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { [argument] = (long)value.TotalMilliseconds }, cancellationToken: cancellationToken);

    static ValueTask Publish(IChannel channel, string name, Guid attempt, CancellationToken cancellationToken) => channel.BasicPublishAsync(
        "", name, mandatory: true, new BasicProperties { Persistent = true, MessageId = $"{attempt:n}" }, ReadOnlyMemory<byte>.Empty,
        cancellationToken);

    static async Task TakeBack(IChannel channel, string name, Guid attempt, CancellationToken cancellationToken)
    {
        // What is not acknowledged goes back with the channel.
        while (await channel.BasicGetAsync(name, autoAck: false, cancellationToken) is { } note)
        {
            if (note.BasicProperties.MessageId != $"{attempt:n}")
                continue;

            await channel.BasicAckAsync(note.DeliveryTag, multiple: false, cancellationToken);
            return;
        }
    }

    static Task Delete(IChannel channel, string name, Guid attempt, CancellationToken cancellationToken) =>
        channel.QueueDeleteAsync(name, cancellationToken: cancellationToken);

    async Task Settle(Guid attempt, Func<IChannel, string, Guid, CancellationToken, Task> settle)
    {
        if (!await Tried(attempt, settle) && !_stopping.IsCancellationRequested)
            _ = Task.Run(() => SettleLater(attempt, settle));
    }

    async Task SettleLater(Guid attempt, Func<IChannel, string, Guid, CancellationToken, Task> settle)
    {
        try
        {
            do
                await Task.Delay(Pause, _stopping.Token);
            while (!await Tried(attempt, settle));
        }
        catch (OperationCanceledException)
        {
            // The stop takes back what is left.
        }
    }

    async Task<bool> Tried(Guid attempt, Func<IChannel, string, Guid, CancellationToken, Task> settle)
    {
        if (!_mine.TryGetValue(attempt, out var name))
            return true;

        try
        {
            await OnChannel(
                async (channel, limit) =>
                {
                    await settle(channel, name, attempt, limit);
                    return true;
                },
                CancellationToken.None);
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == NotFound)
        {
            // Somebody else has handled the message since, and all its notes are gone.
        }
        catch (Exception exception)
        {
            NotTakenBack(exception);
            return false;
        }

        _mine.TryRemove(attempt, out _);
        return true;
    }

    async Task<T> OnChannel<T>(Func<IChannel, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);

        try
        {
            var connection = await Connection(limit.Token);
            await using var channel = await connection.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), limit.Token);
            return await work(channel, limit.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Nobody has given up: the broker has not answered, as while an alarm is on.
            throw new TimeoutException($"RabbitMQ has not answered within {Limit.TotalSeconds} s.", exception);
        }
    }

    async Task<IConnection> Connection(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_connection is { IsOpen: true } open)
                return open;

            if (_connection is { } closed)
                await closed.DisposeAsync();

            _connection = null;
            return _connection = await connect(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    [LoggerMessage(70, LogLevel.Debug, "The note of a lone attempt cannot be taken back yet; it is tried again every second")]
    partial void NotTakenBack(Exception exception);

    [LoggerMessage(
        71, LogLevel.Warning,
        "It cannot be noted at the broker that this host stops: what it gives back is handled alone elsewhere")]
    partial void StopNotNoted(Exception exception);
}
