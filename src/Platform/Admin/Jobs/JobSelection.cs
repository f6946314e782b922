namespace Maestro.Bus.Admin;

/// <summary>Which jobs are asked for: those of a kind, queue, tenant, state, batch and parent, on a page, and how many at most.</summary>
public sealed record JobSelection(
    string? Type, string? Queue, string? Tenant, string? State, Guid? Batch, Guid? Parent, long? Page, int? Limit)
{
    const int Most = 1_000;
    const int Usual = 100;

    /// <exception cref="InvalidMessageException">There is no such state, no tenant can be called so, or the limit is not one from 1 to
    /// 1000.</exception>
    internal JobFilter Filter()
    {
        var filter = new JobFilter
        {
            Type = Type,
            Queue = Queue,
            Tenant = Checked(Tenant),
            Batch = Batch,
            Parent = Parent,
            Before = Page,
            Limit = Allowed(Limit, Most, Usual),
        };
        if (State is null)
            return filter;

        var (stage, isCanceling) = JobState.Parse(State);
        return filter with { Stage = stage, IsCanceling = isCanceling };
    }

    internal static string? Checked(string? tenant) =>
        tenant is null || TenantHeader.IsValid(tenant)
            ? tenant
            : throw new InvalidMessageException($"The tenant is '{tenant}'. {TenantHeader.Rule}");

    internal static int Allowed(int? limit, int most, int usual) => (limit ?? usual) is var count && count >= 1 && count <= most
        ? count
        : throw new InvalidMessageException($"The limit is {limit}. Use a whole number from 1 to {most}.");
}
