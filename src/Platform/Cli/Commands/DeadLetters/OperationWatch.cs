namespace Maestro.Bus.Cli;

/// <summary>Shows how an operation gets on, until it ends.</summary>
static class OperationWatch
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Watches an operation. To stop watching does not stop it.</summary>
    public static async Task<OperationView> Run(Session session, OperationView operation, CancellationToken cancellationToken)
    {
        if (!session.Screen.IsInteractive)
            return await Poll(session, operation, _ => { }, cancellationToken);

        return await session.Screen.Console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async progress =>
            {
                var bar = progress.AddTask($"{operation.Kind} {operation.Total}", maxValue: Math.Max(1, operation.Total));
                return await Poll(
                    session, operation,
                    now =>
                    {
                        bar.Value = now.State == "done" ? bar.MaxValue : now.Done;
                        bar.Description = now.Error is null
                            ? $"{now.Kind} {now.Done} of {now.Total}"
                            : Markup.Escape(Screen.Printable(now.Error));
                    },
                    cancellationToken);
            });
    }

    static async Task<OperationView> Poll(
        Session session, OperationView operation, Action<OperationView> show, CancellationToken cancellationToken)
    {
        var patience = new PatientClient(session,
            $"The operation {operation.Id} goes on where a host runs; 'maestro dlq operations' shows how far it has come.",
            hasAnswered: true);

        while (true)
        {
            show(operation);
            if (operation.State != "running")
                return operation;

            await Task.Delay(Interval, TimeProvider.System, cancellationToken);
            operation = (await patience.Get($"dead-letters/operations/{operation.Id}", cancellationToken))
                .Deserialize<OperationView>(JsonSerializerOptions.Web)!;
        }
    }
}
