using System.Diagnostics;

namespace Maestro.Bus.Cli;

/// <summary>
/// Asks a bus that something is followed at, and waits for it a while when it does not answer any more: hosts are restarted, and what they
/// run goes on.
/// </summary>
/// <param name="session">The talk with the bus.</param>
/// <param name="remedy">What to tell the user once the wait is over.</param>
/// <param name="hasAnswered">Whether it has answered before: one that never has is not waited for.</param>
sealed class PatientClient(Session session, string remedy, bool hasAnswered = false)
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    bool _hasAnswered = hasAnswered;

    /// <exception cref="CommandException">The bus has refused, has never answered, or has not come back in time.</exception>
    public async Task<JsonElement> Get(string path, CancellationToken cancellationToken)
    {
        var away = new Stopwatch();

        while (true)
        {
            try
            {
                var answer = await session.Client.Get(path, cancellationToken);
                _hasAnswered = true;
                return answer;
            }
            catch (CommandException exception) when (exception.ExitCode == ExitCode.Unreachable && _hasAnswered)
            {
                var patience = session.Screen.Terminal.Patience;
                if (!away.IsRunning)
                    await session.Screen.Terminal.Error.WriteLineAsync(
                        $"The bus does not answer any more. Waiting up to {patience.TotalSeconds:0} s for it.");

                away.Start();
                if (away.Elapsed >= patience)
                    throw new CommandException(exception.ExitCode, $"{exception.Message} {remedy}", exception);
            }

            await Task.Delay(Interval, TimeProvider.System, cancellationToken);
        }
    }
}
