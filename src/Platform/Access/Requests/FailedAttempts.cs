using System.Net;
using System.Net.Sockets;

namespace Maestro.Bus.Access;

/// <summary>
/// Slows callers that send wrong keys or tokens: those of an address that has sent too many within a minute are answered after a delay.
/// Valid ones are never held. The log has one line a minute while it goes on.
/// </summary>
sealed partial class FailedAttempts : IDisposable
{
    const int MostAddresses = 10_000;
    const int MostHeldOfAnAddress = 16;
    const int MostHeld = 1_000;
    const int PrefixLength = 64;

    static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    static readonly TimeSpan PurgeInterval = TimeSpan.FromSeconds(5);

    readonly Lock _gate = new();
    readonly Dictionary<IPAddress, Sender> _senders = [];
    readonly FailedAttemptSettings _settings;
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly CountAMinute _line;
    int _held;
    volatile string _newest = "";
    DateTimeOffset _purgedAt;

    public FailedAttempts(FailedAttemptSettings settings, TimeProvider time, ILogger<FailedAttempts> logger)
    {
        (_settings, _time, _logger) = (settings, time, logger);
        _line = new CountAMinute(time, count => LogFailed(count, _newest));
    }

    /// <summary>The number of addresses that are remembered.</summary>
    public int Addresses
    {
        get
        {
            lock (_gate)
                return _senders.Count;
        }
    }

    /// <summary>
    /// Counts an attempt that has failed, and holds it if its address has sent too many; no longer than until it is cancelled.
    /// </summary>
    /// <returns>False if so many are held that this one is not.</returns>
    public async Task<bool> Hold(IPAddress? address, CancellationToken cancellationToken)
    {
        Sender sender;

        lock (_gate)
        {
            _newest = $"{address}";
            _line.Add();
            sender = SenderOf(address);
            if (++sender.Count <= _settings.PerMinute)
                return true;
            if (sender.Held == MostHeldOfAnAddress || _held == MostHeld)
                return false;

            sender.Held++;
            _held++;
        }

        await Task.Delay(_settings.Delay, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        lock (_gate)
        {
            sender.Held--;
            _held--;
        }

        return true;
    }

    public void Dispose() => _line.Dispose();

    Sender SenderOf(IPAddress? address)
    {
        var now = _time.GetUtcNow();
        var key = address is null ? IPAddress.None : Network(address);

        if (_senders.TryGetValue(key, out var known) && now - known.Since < Window)
            return known;

        // Looking through all of them for each new one would be what an attacker wants.
        if (_senders.Count >= MostAddresses && now - _purgedAt >= PurgeInterval)
        {
            _purgedAt = now;
            foreach (var (old, _) in _senders.Where(sender => now - sender.Value.Since >= Window).ToList())
                _senders.Remove(old);
        }

        // So many senders at once are one attack: those beyond the limit are counted together.
        if (_senders.Count >= MostAddresses)
            key = IPAddress.Any;

        return _senders[key] = _senders.GetValueOrDefault(key) is { } shared && now - shared.Since < Window
            ? shared
            : new Sender { Since = now };
    }

    // Whoever has an IPv6 address has the 2^64 of its network.
    static IPAddress Network(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;

        var bytes = address.GetAddressBytes();
        Array.Clear(bytes, PrefixLength / 8, bytes.Length - (PrefixLength / 8));
        return new IPAddress(bytes);
    }

    [LoggerMessage(1, LogLevel.Warning, "Calls with a wrong key or token, counted once a minute: {Count}, the newest from {Address}")]
    partial void LogFailed(int count, string address);

    sealed class Sender
    {
        public required DateTimeOffset Since { get; init; }

        public int Count { get; set; }

        public int Held { get; set; }
    }
}
