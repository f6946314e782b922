using System.Data.Common;
using System.Globalization;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Numbered leases that the hosts on one database share. A host that takes part raises a number, its beat, again and again. Another takes
/// its leases when it has not seen the beat change for <see cref="Silence"/> by its own stopwatch, so that no clock can be wrong about
/// it. The holder stops relying on its leases before that, by its own stopwatch, and finds out with its next renewal if it has lost them.
/// Not safe for use by several threads at once, but for <see cref="IsCurrent"/>.
/// </summary>
/// <param name="database">Where the leases are.</param>
/// <param name="name">The group's name.</param>
/// <param name="count">How many leases there are.</param>
/// <param name="silence">For how long a host may show no life before others take its leases.</param>
/// <param name="time">The stopwatch.</param>
sealed class LeaseGroup(BusDatabase database, string name, short count, TimeSpan silence, TimeProvider time)
{
    const int RenewalsPerSilence = 5;

    const string Observe = """
        SELECT number, host, 0 FROM lease WHERE lease_group = @group AND host IS NOT NULL
        UNION ALL SELECT -1, host, beat FROM lease_host WHERE lease_group = @group
        """;

    readonly string _me = $"{Environment.MachineName}-{Environment.ProcessId}-{NewId.NextGuid():n}";
    readonly Dictionary<string, (long Beat, long Seen)> _others = [];
    List<short> _held = [];
    bool _isPrepared;
    long _beat;
    long _confirmed = long.MinValue;

    /// <summary>Gets for how long a host may show no life before others take its leases.</summary>
    public TimeSpan Silence => silence;

    /// <summary>Gets how often a host renews.</summary>
    public TimeSpan Interval => silence / RenewalsPerSilence;

    /// <summary>
    /// Gets whether what the last renewal granted still holds: no other host can have taken it yet. A host that was frozen sees at once
    /// that it does not.
    /// </summary>
    public bool IsCurrent =>
        Volatile.Read(ref _confirmed) is > long.MinValue and var confirmed && time.GetElapsedTime(confirmed) < silence - Interval;

    /// <summary>
    /// Shows that this host lives, takes the leases of hosts that do not, and free ones up to its fair share. A single lease that another
    /// host has is only looked at.
    /// </summary>
    /// <returns>
    /// All that this host has, and how many it is entitled to; nothing if it has lost what it had, so that it gives that up before it takes
    /// it again.
    /// </returns>
    public async Task<LeaseGrant> Renew(CancellationToken cancellationToken)
    {
        var asked = time.GetTimestamp();

        if (count == 1 && _held.Count == 0 && IsTaken(await Look(cancellationToken)))
            return new LeaseGrant([], 1);

        var silent = Silent().ToList();
        var rows = await Write(
            Renewal(silent), cancellationToken,
            [("next", _held.Count == 0 ? 0L : _beat + 1), .. silent.Select((host, index) => ($"silent{index}", (object)host.Name))]);
        _isPrepared = true;

        var beat = rows.Find(row => row.Number < 0 && row.Host == _me).Beat;
        var isLost = _held.Count > 0 && beat != _beat + 1;
        _beat = beat;
        _held = isLost ? [] : [.. rows.Where(row => row.Number >= 0 && row.Host == _me).Select(row => row.Number).Order()];
        Volatile.Write(ref _confirmed, isLost ? long.MinValue : asked);

        var hosts = rows.Count(row => row.Number < 0);
        return new LeaseGrant(_held, (count + hosts - 1) / Math.Max(hosts, 1));
    }

    /// <summary>Gives leases back.</summary>
    /// <param name="numbers">Which ones.</param>
    /// <param name="leaves">Whether this host takes part no more.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task Release(IReadOnlyCollection<short> numbers, bool leaves, CancellationToken cancellationToken)
    {
        _held = [.. _held.Except(numbers)];
        if (leaves)
            Volatile.Write(ref _confirmed, long.MinValue);

        await Write(
            leaves
                ? """
                  UPDATE lease SET host = NULL WHERE lease_group = @group AND host = @host;
                  DELETE FROM lease_host WHERE lease_group = @group AND host = @host
                  """
                : $"UPDATE lease SET host = NULL WHERE lease_group = @group AND host = @host AND number IN ({Listed(numbers)})",
            cancellationToken);
    }

    bool IsTaken(List<LeaseRow> rows) =>
        rows.Find(row => row.Number == 0).Host is { } holder
        && rows.Exists(row => row.Number < 0 && row.Host == holder)
        && !Silent().Any(host => host.Name == holder);

    // One statement after the other on the server: a host that is frozen holds no row.
    string Renewal(List<(string Name, long Beat)> silent)
    {
        var first = _isPrepared
            ? ""
            : string.Concat(Enumerable.Range(0, count).Select(number =>
                $"INSERT INTO lease (lease_group, number) VALUES (@group, {number}) ON CONFLICT DO NOTHING;\n"));
        var expulsions = silent.Count == 0
            ? ""
            : $"""
              DELETE FROM lease_host WHERE lease_group = @group
                  AND ({string.Join(" OR ", silent.Select((host, index) => $"(host = @silent{index} AND beat = {host.Beat})"))});

              """;

        // Whoever has lost what it had claims nothing until it knows.
        return $"""
            {first}INSERT INTO lease_host (lease_group, host, beat) VALUES (@group, @host, 1)
                ON CONFLICT (lease_group, host) DO UPDATE SET beat = lease_host.beat + 1;
            {expulsions}UPDATE lease SET host = NULL WHERE lease_group = @group AND host IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM lease_host WHERE lease_host.lease_group = lease.lease_group AND lease_host.host = lease.host);
            UPDATE lease SET host = @host WHERE lease_group = @group AND host IS NULL
                AND (@next = 0 OR (SELECT beat FROM lease_host WHERE lease_group = @group AND host = @host) = @next)
                AND number IN (
                    SELECT number FROM lease WHERE lease_group = @group AND host IS NULL ORDER BY number
                    LIMIT (SELECT CASE WHEN mine < share THEN share - mine ELSE 0 END FROM (
                        SELECT (SELECT ({count} + count(*) - 1) / count(*) FROM lease_host WHERE lease_group = @group) AS share,
                            (SELECT count(*) FROM lease WHERE lease_group = @group AND host = @host) AS mine) AS entitled));
            {Observe}
            """;
    }

    IEnumerable<(string Name, long Beat)> Silent() =>
        _others.Where(other => time.GetElapsedTime(other.Value.Seen) >= silence).Select(other => (other.Key, other.Value.Beat));

    Task<List<LeaseRow>> Look(CancellationToken cancellationToken) =>
        database.Read(connection => Run(connection, null, Observe, cancellationToken), cancellationToken);

    async Task<List<LeaseRow>> Write(
        string statements, CancellationToken cancellationToken, params (string Name, object Value)[] parameters)
    {
        if (database.Provider == DatabaseProvider.Sqlite)
            return await database.Write(
                (connection, transaction) => Run(connection, transaction, statements, cancellationToken, parameters), waitsOnce: true,
                cancellationToken);

        // PostgreSQL makes a transaction of what comes in one message.
        await using var connection = await database.Open(cancellationToken);
        return await Run(connection, null, statements, cancellationToken, parameters);
    }

    async Task<List<LeaseRow>> Run(
        DbConnection connection, DbTransaction? transaction, string statements, CancellationToken cancellationToken,
        params (string Name, object Value)[] parameters)
    {
        await using var command = DatabaseCommands.Command(
            connection, transaction, statements, [("group", name), ("host", _me), .. parameters]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);

        var rows = new List<LeaseRow>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(new LeaseRow((short)reader.GetInt32(0), reader.GetString(1), reader.GetInt64(2)));

        Note(rows);
        return rows;
    }

    void Note(List<LeaseRow> rows)
    {
        var others = rows.Where(row => row.Number < 0 && row.Host != _me).ToDictionary(row => row.Host!, row => row.Beat);

        foreach (var gone in _others.Keys.Where(host => !others.ContainsKey(host)).ToList())
            _others.Remove(gone);
        foreach (var (host, beat) in others)
        {
            if (!_others.TryGetValue(host, out var known) || known.Beat != beat)
                _others[host] = (beat, time.GetTimestamp());
        }
    }

    static string Listed(IEnumerable<short> numbers) =>
        string.Join(',', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)).DefaultIfEmpty("-1"));

    readonly record struct LeaseRow(short Number, string? Host, long Beat);
}

/// <summary>The leases that a host has, and its fair share.</summary>
sealed record LeaseGrant(IReadOnlyList<short> Numbers, int FairShare);
