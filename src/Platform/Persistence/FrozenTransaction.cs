namespace Maestro.Bus.Persistence;

/// <summary>
/// Limits a transaction of PostgreSQL whose host is frozen. Its locks would stay until the host goes on, and other hosts would wait for its
/// rows, or leave them out.
/// </summary>
public static class FrozenTransaction
{
    /// <summary>Gets the statement that has the server end the current transaction if the host sends nothing for a time.</summary>
    /// <param name="seconds">The time, from 1 second on.</param>
    public static string EndsAfter(int seconds) => $"SET LOCAL idle_in_transaction_session_timeout = '{seconds}s'";
}
