namespace Maestro.Bus.Scheduling;

/// <summary>
/// Brings the table in line with what the owners declare. Of two versions that run at the same time the one that came later is in force,
/// however often hosts of the other one start, until none of the later one's hosts runs any more.
/// </summary>
sealed class Reconciliation(ScheduleDbContext context, TimeProvider time, TimeSpan aliveFor)
{
    readonly List<ScheduleDefinition> _changed = [];
    readonly List<string> _deleted = [];
    readonly List<string> _gaveWay = [];
    readonly List<string> _taken = [];
    List<DeclarationRow> _known = [];
    Dictionary<string, ScheduleRow> _rows = [];

    public async Task<Reconciled> Run(IReadOnlyList<OwnSchedules> declared, CancellationToken cancellationToken)
    {
        _known = await context.Declarations.ToListAsync(cancellationToken);
        _rows = await context.Schedules.ToDictionaryAsync(row => row.Name, cancellationToken);

        foreach (var own in declared)
            Apply(own);

        return new Reconciled
        {
            All = [.. _rows.Values.Select(row => Stored.Read(row).Definition)],
            Changed = [.. _changed.Select(definition => definition.Name)],
            Deleted = _deleted,
            GaveWay = _gaveWay,
            Taken = _taken,
        };
    }

    /// <summary>Whether a version that is in force in place of one of these has no host any more.</summary>
    public async Task<bool> IsDue(IReadOnlyList<OwnSchedules> declared, CancellationToken cancellationToken)
    {
        _known = await context.Declarations.AsNoTracking().ToListAsync(cancellationToken);
        return declared.Any(own => InForce(own.Owner) is not { } inForce || (inForce.Fingerprint != own.Fingerprint && !IsAlive(inForce)));
    }

    void Apply(OwnSchedules own)
    {
        var mine = _known.Find(row => row.Owner == own.Owner && row.Fingerprint == own.Fingerprint);
        var inForce = InForce(own.Owner);
        var isNew = mine is null;

        if (mine is null)
        {
            mine = new DeclarationRow { Owner = own.Owner, Fingerprint = own.Fingerprint };
            _known.Add(mine);
            context.Add(mine);
        }

        mine.SeenAt = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (!isNew && inForce != mine && IsAlive(inForce!))
        {
            _gaveWay.Add(own.Owner);
            return;
        }

        if (inForce != mine)
            mine.Generation = (inForce?.Generation ?? 0) + 1;

        foreach (var definition in own.Definitions)
            Set(own.Owner, definition, isNew);

        foreach (var row in _rows.Values.Where(row =>
            row.Owner == own.Owner && own.Definitions.All(definition => definition.Name != row.Name)).ToList())
        {
            _rows.Remove(row.Name);
            context.Remove(row);
            _deleted.Add(row.Name);
        }
    }

    void Set(string owner, ScheduleDefinition definition, bool isNew)
    {
        var row = _rows.GetValueOrDefault(definition.Name);

        // A domain that has got another name takes its schedules along; the hosts in which it has the old one do not take them back.
        if (row?.Owner is { } other && other != owner && !isNew && InForce(other) is { } declaration && IsAlive(declaration))
        {
            _taken.Add($"{definition.Name} ({other})");
            return;
        }

        if (row is null)
        {
            _rows[definition.Name] = row = new ScheduleRow { Name = definition.Name, Definition = "" };
            context.Add(row);
        }

        if (row.Set(owner, definition, time.GetUtcNow()))
            _changed.Add(definition);
    }

    DeclarationRow? InForce(string owner) => _known.Where(row => row.Owner == owner).MaxBy(row => row.Generation);

    // Also not in the future, which a host has written that had a wrong clock: hosts that live write again every few seconds.
    bool IsAlive(DeclarationRow declaration) =>
        declaration.SeenAt > (time.GetUtcNow() - aliveFor).ToUnixTimeMilliseconds()
            && declaration.SeenAt < (time.GetUtcNow() + aliveFor).ToUnixTimeMilliseconds();
}
