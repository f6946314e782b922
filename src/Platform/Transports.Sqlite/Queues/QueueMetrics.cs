namespace Maestro.Bus.Transports.Sqlite;

/// <summary>What a queue holds, and what has happened to its messages.</summary>
/// <param name="Name">The queue; the dead letters of a queue are in <c>{queue}-dlq</c>.</param>
/// <param name="Ready">Messages that wait for a consumer.</param>
/// <param name="Locked">Messages that a consumer of some process holds.</param>
/// <param name="Delayed">Messages whose time has not come.</param>
/// <param name="OldestReady">When the next message in line was put into the queue; none when there is none.</param>
/// <param name="Consumers">Endpoints of this process that receive from the queue.</param>
/// <param name="Delivered">Messages that this process's consumers have got since it started.</param>
/// <param name="Completed">Messages that this process's consumers have handled since it started.</param>
/// <param name="DeadLettered">Messages that have moved to the dead letters in this process since it started.</param>
public sealed record QueueMetrics(
    string Name, long Ready, long Locked, long Delayed, DateTimeOffset? OldestReady, int Consumers, long Delivered, long Completed,
    long DeadLettered);
