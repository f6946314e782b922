namespace Maestro.Bus.Riders;

/// <summary>
/// Takes a group's dead letters out of their topic into the bus's database, where they are looked at and sent again like those of queues.
/// While the database is away they wait in the topic.
/// </summary>
sealed class DeadLetterPump(StreamEndpointContext context, StreamSubscription subscription, IDeadLetterIntake intake)
    : RecordPump(context, subscription)
{
    /// <summary>How many are taken at once at most.</summary>
    public const int BatchSize = 128;

    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    protected override void Turn(IStreamConsumer consumer)
    {
        var records = Mine(consumer.Receive(Subscription.PollLimit, Wait));

        for (var pause = FirstPause; records.Count > 0
            && !TryKeep(records); pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks)))
        {
            for (var left = pause; left > TimeSpan.Zero; left -= Wait)
            {
                // The next start reads them again.
                if (Stopping.WaitHandle.WaitOne(Wait))
                    return;

                consumer.Receive(0, TimeSpan.Zero);
            }

            records.RemoveAll(record => !IsMine(record));
        }

        foreach (var record in records)
            record.Stay!.Count(-1);
        foreach (var partition in records.GroupBy(record => record.Partition))
            consumer.Acknowledge(partition.MaxBy(record => record.Offset)!);
    }

    bool TryKeep(List<StreamRecord> records)
    {
        var letters = records.FindAll(IsOfGroup).ConvertAll(record => RecordDeadLetter.Of(record, Context.Rider.Plugin.Scheme));

        try
        {
            // The thread has nothing else to do.
            intake.Add(letters, CancellationToken.None).GetAwaiter().GetResult();
            return true;
        }
        catch (Exception exception)
        {
            // Whatever it is, the topic has them still.
            Log.DeadLettersNotKept(Logger, exception, letters.Count, Subscription.Topics[0]);
            return false;
        }
    }

    // A topic's dead letters are those of all groups that read it, and other groups may be other programs'.
    bool IsOfGroup(StreamRecord record) => record.Headers.Get(StreamHeaders.Group) == Context.Settings.Group;
}
