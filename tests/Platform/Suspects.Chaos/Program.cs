using System.Globalization;

// Works until it is told to stop, or is killed. The arguments are a folder for notes and settings as name=value; what to do is told on
// the input.
using var host = WorkHost.Build(args[0], args[1..]);
await host.StartAsync();
Console.WriteLine("ready");
_ = Task.Run(Obey);
await host.WaitForShutdownAsync();

async Task Obey()
{
    while (await Console.In.ReadLineAsync() is { } line)
    {
        switch (line.Split(' '))
        {
            case ["send", var first, var count, var milliseconds, var kind]:
                await WorkHost.Send(host, Number(first), Number(count), Number(milliseconds), kind);
                break;
            case ["feed", var first, var milliseconds]:
                _ = WorkHost.Feed(host, args[0], Number(first), Number(milliseconds));
                break;
            case ["letters"]:
                foreach (var letter in await WorkHost.Letters(host))
                    Console.WriteLine($"letter {letter}");
                break;
            case ["retry", var letter]:
                await WorkHost.Retry(host, Number(letter));
                break;
        }

        Console.WriteLine($"done {line}");
    }

    // Whoever has started the process is gone.
    await host.StopAsync();
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
