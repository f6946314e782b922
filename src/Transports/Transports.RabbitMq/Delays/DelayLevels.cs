using System.Text;

namespace MaestroBus.Transports.RabbitMq;

/// <summary>
/// The arithmetic of delayed delivery on a RabbitMQ without plugins: level k is a queue that holds every message for 2^k milliseconds and then hands it to
/// level k-1, and the binary digits of a delay say at which levels a message waits. Messages of mixed delays do not hold each other up, because all in
/// one queue wait equally long. The idea is NServiceBus's native delayed delivery, with a finer unit.
/// </summary>
static class DelayLevels
{
    /// <summary>How many levels there are.</summary>
    public const int Count = 32;

    /// <summary>The longest delay, 49.7 days.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(uint.MaxValue);

    const uint CoarsestStep = 128;

    /// <summary>
    /// The delay in whole milliseconds, rounded up to a step of 1 to 128 ms that is at most a 64th of it: each binary digit left out saves a hop through a queue.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The delay is longer than <see cref="Longest"/>.</exception>
    public static uint Round(TimeSpan delay)
    {
        if (delay > Longest)
            throw new ArgumentOutOfRangeException(
                nameof(delay), delay, $"RabbitMQ's delay queues hold a message for {Longest.TotalDays:0.0} days at most. Schedule it for an earlier time, and again from there.");

        var milliseconds = (ulong)Math.Max(1, Math.Ceiling(delay.TotalMilliseconds));
        var step = 1UL;
        while (step < CoarsestStep && step * 2 <= milliseconds / 64)
            step *= 2;

        return (uint)Math.Min((milliseconds + step - 1) / step * step, uint.MaxValue);
    }

    /// <summary>The highest level at which a delay waits: where its message enters.</summary>
    public static int Entry(uint milliseconds) => 31 - int.LeadingZeroCount((int)milliseconds);

    /// <summary>The routing key: the delay's binary digits from the highest level to the lowest, and then the destination.</summary>
    public static string RoutingKey(uint milliseconds, string destination)
    {
        var key = new StringBuilder(Count * 2 + destination.Length);
        for (var level = Count - 1; level >= 0; level--)
            key.Append((milliseconds >> level & 1) == 1 ? "1." : "0.");

        return key.Append(destination).ToString();
    }

    /// <summary>The binding that matches a level's digit in a routing key.</summary>
    public static string Binding(int level, bool waits) =>
        new StringBuilder().Insert(0, "*.", Count - 1 - level).Append(waits ? "1.#" : "0.#").ToString();
}
