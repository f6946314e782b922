using System.Net;
using System.Net.Http.Json;
using System.Threading.Channels;

namespace Maestro.Bus.Ledger.Chaos;

/// <summary>
/// Sends entries of several keys to hosts, those of one key one after the other, and keeps its own ledger of what they have accepted. An
/// entry whose answer is not a 2xx, or does not come, is sent again with the same id, to the next host.
/// </summary>
/// <param name="hosts">The hosts' addresses.</param>
/// <param name="keys">How many keys there are.</param>
/// <param name="perSecond">How many entries are sent in a second, at most.</param>
/// <param name="full">
/// From how many accepted entries on only a twentieth of them is sent, so that a slow machine is not left with a backlog that grows for as
/// long as something else is waited for.
/// </param>
public sealed class LedgerSender(IReadOnlyList<Uri> hosts, int keys, int perSecond, int full = int.MaxValue)
{
    const int TicksPerSecond = 50;
    const double Trickle = 0.05;

    static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);

    readonly int[] _accepted = new int[keys];
    int _total;
    int _repeated;

    /// <summary>How many entries have been accepted.</summary>
    public int Accepted => Volatile.Read(ref _total);

    /// <summary>How many times an entry was sent again.</summary>
    public int Repeated => Volatile.Read(ref _repeated);

    /// <summary>All entries that have been accepted.</summary>
    public IEnumerable<Entry> Ledger() =>
        _accepted.SelectMany((count, key) => Enumerable.Range(0, count).Select(value => new Entry(NameOf(key), value)));

    /// <summary>Sends until it is enough. What has been begun is sent until it is accepted.</summary>
    public async Task Run(Func<bool> goesOn, CancellationToken cancellationToken)
    {
        using var client = LedgerProcess.NewClient();
        // What could not be sent while all hosts were away is not made up for.
        var turns = Channel.CreateBounded<bool>(perSecond);
        var all = Task.WhenAll(Enumerable.Range(0, keys).Select(
            key => Task.Run(() => SendAll(client, key, turns.Reader, cancellationToken), cancellationToken)));

        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1) / TicksPerSecond);
        var start = System.Diagnostics.Stopwatch.StartNew();
        var (before, due) = (TimeSpan.Zero, 0.0);
        while (goesOn() && !all.IsCompleted && await timer.WaitForNextTickAsync(cancellationToken))
        {
            var now = start.Elapsed;
            due += (now - before).TotalSeconds * perSecond * (Accepted < full ? 1 : Trickle);
            for (before = now; due >= 1; due--)
                turns.Writer.TryWrite(true);
        }

        turns.Writer.Complete();
        await all;
    }

    static string NameOf(int key) => $"key-{key:00}";

    async Task SendAll(HttpClient client, int key, ChannelReader<bool> turns, CancellationToken cancellationToken)
    {
        var name = NameOf(key);
        var host = key;
        await foreach (var _ in turns.ReadAllAsync(cancellationToken))
        {
            var entry = new EntryRequest(DeterministicId.Of("ledger", name, $"{_accepted[key]}"), name, _accepted[key]);
            while (!await IsAccepted(client, hosts[host % hosts.Count], entry, cancellationToken))
            {
                host++;
                Interlocked.Increment(ref _repeated);
                await Task.Delay(Breath, cancellationToken);
            }

            _accepted[key]++;
            Interlocked.Increment(ref _total);
        }
    }

    static async Task<bool> IsAccepted(HttpClient client, Uri host, EntryRequest entry, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.PostAsJsonAsync(new Uri(host, "/entries"), entry, cancellationToken);
            if ((int)response.StatusCode is >= 400 and < 500
                && response.StatusCode is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests))
                throw new InvalidOperationException(
                    $"{host} answered {entry} with {response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");

            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (
            exception is HttpRequestException || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The host has gone, or hangs. Whether it has taken the entry is not known.
            return false;
        }
    }
}
