namespace Maestro.Bus.Jobs.Tests;

/// <summary>What jobs do on every database.</summary>
public abstract partial class JobsSuite
{
    // At once, on a machine that is busy with other tests; the intervals at which tables are looked through are longer where it matters.
    static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract Task<Dictionary<string, string?>> NewDatabase();
}
