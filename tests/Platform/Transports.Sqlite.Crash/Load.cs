using System.Globalization;

namespace Maestro.Bus.Transports.Sqlite.Crash;

public sealed record Number(int Value);

/// <summary>Sends numbers and handles them. Notes each one that was confirmed, and each one that was handled.</summary>
public static class Load
{
    public const string Queue = "numbers";

    public static Task<IHost> Start(string path, string notes)
    {
        var handled = new Notes(Path.Combine(notes, "handled"));
        return FileBus.Start(path, bus => bus.AddHandler<Number>(context =>
        {
            handled.Add(context.Message.Value);
            return Task.CompletedTask;
        }).Endpoint(endpoint => endpoint.Name = Queue), new QueuePolicy { Concurrency = 50, Attempts = 1 });
    }

    public static async Task Send(IHost bus, string notes, int first)
    {
        var confirmed = new Notes(Path.Combine(notes, "confirmed"));
        var endpoint = await bus.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri($"queue:{Queue}"));
        var next = first;

        await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            while (true)
            {
                var number = Interlocked.Increment(ref next);
                await endpoint.Send(new Number(number));
                confirmed.Add(number);
            }
        }));
    }
}

/// <summary>Numbers in a text file. What was added is with the operating system, and stays when the process is killed.</summary>
public sealed class Notes(string path) : IDisposable
{
    readonly FileStream _file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    public static HashSet<int> Read(string path)
    {
        if (!File.Exists(path))
            return [];

        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
    }

    public void Add(int number)
    {
        var line = System.Text.Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture) + "\n");
        lock (_file)
            _file.Write(line);
    }

    public void Dispose() => _file.Dispose();
}
