namespace Maestro.Bus.Persistence;

/// <summary>
/// Tries the blocked destinations again: with one message while nothing gets through, and then with all that are parked, in their order.
/// </summary>
sealed partial class Recovery(
    IOutboxStore store, Func<WaitingMessage, Task> send, PartitionTable partitions, Blockades blockades, OutboxSettings settings,
        DatabaseOutage outage,
    ILogger logger)
{
    const int ProbeChoice = 100;

    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    readonly Wakeup _wakeup = new();

    public void Wake() => _wakeup.Set();

    public async Task Run(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await _wakeup.Wait(blockades.IsEmpty ? Timeout.InfiniteTimeSpan : Interval, cancellationToken);
                await Task.WhenAll(blockades.Due().Select(blockade => Try(blockade, cancellationToken)));
                if (!blockades.IsEmpty)
                    await Task.Delay(Interval, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                if (!outage.Tells(exception))
                    NotTried(exception);
                await Task.Delay(Interval, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    async Task Try(Blockade blockade, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (owned, version) = partitions.Snapshot();
            var parked = await store.ReadParked(
                owned, blockade.Destination, blockade.IsOpen ? settings.Window : ProbeChoice, cancellationToken);

            if (parked.Count == 0)
            {
                if (partitions.IsStill(version) && blockades.TryLift(blockade) && blockade.Failures > 0)
                    IsOpenAgain(blockade.Destination);
                return;
            }

            var settled = await SendAll(blockade.IsOpen ? parked : Probe(parked, blockade), blockade, cancellationToken);

            if (settled.Sent.Count > 0)
                blockades.Opened(blockade);
            else if (settled.GivenUp.Count == 0)
            {
                blockades.Confirmed(blockade, settled.Refused.Exists(message => message.Attempts == 0));
                return;
            }
        }
    }

    /// <summary>
    /// The message to try: the first of a key, so that nothing overtakes, and of those the one tried least, in case the fault is one
    /// message's own.
    /// </summary>
    static List<WaitingMessage> Probe(List<WaitingMessage> parked, Blockade blockade)
    {
        var heads = parked.DistinctBy(message => message.OrderingKey);
        return [blockade.Failures == 0 ? heads.First() : heads.MinBy(message => message.Attempts)!];
    }

    async Task<Settled> SendAll(List<WaitingMessage> messages, Blockade blockade, CancellationToken cancellationToken)
    {
        var held = messages.Where(partitions.TryHold).ToList();

        try
        {
            var settled = new Settled();
            await Task.WhenAll(
                held.GroupBy(message => message.OrderingKey).Select(key => SendInOrder(key, settled, blockade, cancellationToken)));
            if (!settled.IsEmpty)
                await store.Settle(settled, CancellationToken.None);
            return settled;
        }
        finally
        {
            partitions.Release(held);
        }
    }

    async Task SendInOrder(IEnumerable<WaitingMessage> messages, Settled settled, Blockade blockade, CancellationToken cancellationToken)
    {
        foreach (var message in messages)
        {
            if (!partitions.Owns(message.Partition))
                return;

            try
            {
                await send(message);
                Add(settled.Sent, message);
            }
            catch (Exception exception)
            {
                if (cancellationToken.IsCancellationRequested)
                    return;

                var isGivenUp = blockade.IsOpen && message.Attempts + 1 >= settings.Attempts;
                Add(isGivenUp ? settled.GivenUp : settled.Refused, message);

                if (!isGivenUp)
                {
                    if (blockade.Line.IsDue(out _))
                        StillRefused(blockade.Destination, message.MessageId, message.Attempts + 1, LogText.Reason(exception));
                    return;
                }

                GivenUp(exception, message.MessageId, blockade.Destination, message.Attempts + 1);
            }
        }
    }

    static void Add(List<WaitingMessage> list, WaitingMessage message)
    {
        lock (list)
            list.Add(message);
    }

    [LoggerMessage(
        4, LogLevel.Warning,
        "{Destination} still does not take the message {MessageId} from the outbox, after {Attempts} attempts: {Reason}")]
    partial void StillRefused(string destination, Guid messageId, int attempts, string reason);

    [LoggerMessage(5, LogLevel.Error,
        "The message {MessageId} for {Destination} has been given up after {Attempts} attempts; others get through. It stays in the table "
            + "outbox_message with the state 2. To try it again, set its state to 0")]
    partial void GivenUp(Exception exception, Guid messageId, string destination, int attempts);

    [LoggerMessage(6, LogLevel.Information, "{Destination} takes messages from the outbox again")]
    partial void IsOpenAgain(string destination);

    [LoggerMessage(7, LogLevel.Error, "The parked messages of the outbox could not be read; it is tried again")]
    partial void NotTried(Exception exception);
}
