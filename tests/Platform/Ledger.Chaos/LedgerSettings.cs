using System.Data.Common;

namespace Maestro.Bus.Ledger.Chaos;

/// <summary>The settings of the section <c>Bus:Ledger</c>.</summary>
public sealed class LedgerSettings
{
    /// <summary>How long rows are kept; null to keep them.</summary>
    public TimeSpan? Keep { get; set; }
}

/// <summary>Deletes old rows, so that the table of a host that runs for long stays as large as it is.</summary>
sealed class LedgerHousekeeping(LedgerSettings settings, IServiceScopeFactory scopes, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(10), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var oldest = (time.GetUtcNow() - settings.Keep!.Value).ToUnixTimeMilliseconds();
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<LedgerContext>().Rows
                    .Where(row => row.HandledAt < oldest).ExecuteDeleteAsync(stoppingToken);
            }
            catch (DbException)
            {
                // The database is away or busy; the next round deletes these rows, too.
            }
        }
    }
}
