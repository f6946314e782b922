namespace Maestro.Bus.Transports.Sqlite.Crash;

/// <summary>Takes whatever comes from a queue and never comes to an end with it.</summary>
static class Take
{
    public static Task<IHost> Start(string path, string queue) => FileBus.Start(
        path,
        bus => bus.AddHandler((ConsumeContext<Number> _) => Task.CompletedTask).Endpoint(endpoint => endpoint.Name = queue),
        configure: (_, endpoint) => endpoint.ConfigureReceive(receive => receive.UseExecuteAsync(context =>
        {
            Console.WriteLine("takes");
            return Task.Delay(Timeout.Infinite, context.CancellationToken);
        })));
}
