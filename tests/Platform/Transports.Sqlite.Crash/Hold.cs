namespace Maestro.Bus.Transports.Sqlite.Crash;

/// <summary>Takes numbers and never comes to an end with them.</summary>
static class Hold
{
    public static Task<IHost> Start(string path) => FileBus.Start(path, bus => bus.AddHandler<Number>(context =>
    {
        Console.WriteLine($"holds {context.Message.Value}");
        return Task.Delay(Timeout.Infinite, context.CancellationToken);
    }).Endpoint(endpoint => endpoint.Name = Load.Queue));
}
