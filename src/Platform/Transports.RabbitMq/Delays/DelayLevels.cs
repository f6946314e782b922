using System.Text;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// The arithmetic of delayed delivery on a RabbitMQ without plugins. A delay is a number of tenths of a second, written in octal: each
/// digit but 0 is a queue that holds every message for as long as the digit stands for, and then hands it on to the next lower digit.
/// Messages of mixed delays do not hold each other up, because all in one queue wait equally long. The idea is NServiceBus's native delayed
/// delivery, with its binary digits of seconds.
/// </summary>
static class DelayLevels
{
    /// <summary>How many digits there are.</summary>
    public const int Count = 9;

    /// <summary>How many values a digit has.</summary>
    public const int Base = 8;

    const int BitsPerDigit = 3;

    // RabbitMQ's quorum queues notice at once that a message has been there for so long; some of those that wait less lie around until
    // their queue's next tick, seconds later.
    const uint UnitMilliseconds = 100;

    /// <summary>The longest delay, 49.7 days.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(uint.MaxValue);

    /// <summary>The delay in units of 100 ms, rounded up.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The delay is longer than <see cref="Longest"/>.</exception>
    public static uint Units(TimeSpan delay) => delay <= Longest
        ? (uint)Math.Max(1, Math.Ceiling(delay.TotalMilliseconds / UnitMilliseconds))
        : throw new ArgumentOutOfRangeException(
            nameof(delay), delay,
            $"RabbitMQ's delay queues hold a message for {Longest.TotalDays:0.0} days at most. Schedule it for an earlier time, and again "
                + "from there.");

    /// <summary>How long the queue of a digit holds its messages.</summary>
    public static long Milliseconds(int level, int digit) => ((long)digit << (level * BitsPerDigit)) * UnitMilliseconds;

    /// <summary>A level's digit of a delay.</summary>
    public static int Digit(uint units, int level) => (int)(units >> (level * BitsPerDigit) & (Base - 1));

    /// <summary>The highest level at which a delay waits: where its message enters.</summary>
    public static int Entry(uint units) => (31 - int.LeadingZeroCount((int)units)) / BitsPerDigit;

    /// <summary>The routing key: the delay's digits from the highest level to the lowest, and then the destination.</summary>
    public static string RoutingKey(uint units, string destination)
    {
        var key = new StringBuilder(Count * 2 + destination.Length);
        for (var level = Count - 1; level >= 0; level--)
            key.Append(Digit(units, level)).Append('.');

        return key.Append(destination).ToString();
    }

    /// <summary>The binding that matches a level's digit in a routing key.</summary>
    public static string Binding(int level, int digit) =>
        new StringBuilder().Insert(0, "*.", Count - 1 - level).Append(digit).Append(".#").ToString();
}
