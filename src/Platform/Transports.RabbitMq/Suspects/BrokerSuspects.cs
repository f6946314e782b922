using System.Globalization;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Takes for suspects, in a host without a database, what the broker has delivered before: of a process that has ended it tells nothing
/// else. What counts against a message are the notes of its lone attempts, never its deliveries.
/// </summary>
sealed class BrokerSuspects(SuspectNotes notes, string queue, TimeProvider time) : ISuspects
{
    /// <summary>How often a quorum queue has delivered a message in vain; classic queues do not count.</summary>
    const string DeliveryCount = "x-delivery-count";

    /// <summary>
    /// A process that lives has taken its note back by then, also when its connection is lost during a lone attempt: the database's
    /// records wait as long for a sign of life.
    /// </summary>
    static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    public ValueTask<Suspect?> Find(ReceiveContext context) => context.Redelivered ? new(FindRedelivered(context)) : default;

    async Task<Suspect?> FindRedelivered(ReceiveContext context)
    {
        var name = SuspectNotes.NameOf(queue, RedeliveredSuspects.Name(context));
        var deaths = await notes.Count(name, context.CancellationToken);
        if (deaths >= Suspect.DeathLimit)
        {
            await Task.Delay(Silence, time, context.CancellationToken);
            deaths = await notes.Count(name, context.CancellationToken);
        }

        return deaths == 0 && IsFirstRedelivery(context) && await notes.HasStop(context.CancellationToken)
            ? null
            : new Noted(notes, name, deaths, context.CancellationToken);
    }

    // A host that stops gives back what it has prefetched. What was delivered in vain more than once is suspect all the same.
    static bool IsFirstRedelivery(ReceiveContext context) =>
        context.TransportHeaders.TryGetHeader(DeliveryCount, out var count) && Convert.ToInt64(count, CultureInfo.InvariantCulture) <= 1;

    sealed class Noted(SuspectNotes notes, string name, int deaths, CancellationToken lost) : Suspect
    {
        readonly Guid _attempt = NewId.NextGuid();
        CancellationTokenRegistration _lost;

        public override int Deaths => deaths;

        public override async Task Begin(CancellationToken cancellationToken)
        {
            await notes.Add(name, _attempt, cancellationToken);

            // Once the delivery is lost, the message is another process's, and this attempt is not one that a process has ended with.
            await _lost.DisposeAsync();
            _lost = lost.UnsafeRegister(_ => notes.TakeBack(_attempt), null);
        }

        public override async Task Pause()
        {
            await _lost.DisposeAsync();
            await notes.TakeBack(_attempt);
        }

        public override async Task Clear()
        {
            await _lost.DisposeAsync();
            await notes.Forget(name, _attempt);
        }
    }
}
