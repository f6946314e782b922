namespace Maestro.Bus.Transports.Sqlite.Crash;

public sealed record Question(int Value);

public sealed record Answer(int Value, int Process);

/// <summary>Answers questions.</summary>
static class Echo
{
    public static Task<IHost> Start(string path) => FileBus.Start(path, bus => bus.AddHandler<Question>(context =>
        context.RespondAsync(new Answer(context.Message.Value, Environment.ProcessId))).Endpoint(endpoint => endpoint.Name = "questions"));
}
