using System.Diagnostics;
using System.Runtime.CompilerServices;
using MaestroBus.Quickstart;

var clock = Stopwatch.StartNew();

if (Options.Parse(args) is not { } options)
    return 2;

if (options.Help)
{
    Console.WriteLine(Options.Usage);
    return 0;
}

using var cancellation = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    cancellation.Cancel();
};

RunningHost? host = null;

try
{
    var clone = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(SourceFile())!, "..", ".."));
    var solution = await Solution.Open(clone, options);
    Screen.Step("Build it");
    var program = await solution.Build();

    var webhooks = await Webhook.ReadAll(solution, cancellation.Token);
    host = await RunningHost.Start(program, solution, cancellation.Token);
    Screen.Step($"The host runs on {host.Address}; its queue domains:");
    foreach (var domain in await host.Domains(cancellation.Token))
        Screen.Line(domain);

    foreach (var webhook in webhooks)
    {
        Screen.Step($"Post {webhook.Name}");
        Screen.Journey(await host.Hops(await host.Post(webhook, cancellation.Token), cancellation.Token));
    }

    var interruption = new Interruption(program, solution, webhooks.First(webhook => webhook.CanBeRenewed));
    host = await interruption.Of(host, "TERM", cancellation.Token);
    host = await interruption.Of(host, "KILL", cancellation.Token);

    Screen.Step($"Done in {clock.Elapsed.TotalSeconds:0} s. Try next:");
    Screen.Line($"cd {solution.Folder}");
    Screen.Line("dotnet run --project src/Host          # then POST to /webhooks/github, GET /health/ready");
    Screen.Line($"curl -H \"X-Api-Key: $(cat src/Host/data/development.key)\" http://localhost:5080/domains");
    Screen.Line($"dotnet new install {clone}/artifacts/packages/*.Templates.*.nupkg");
    Screen.Line("dotnet new maestro-domain -n Billing   # a new queue domain: nothing to edit by hand");
    Screen.Line("dotnet test");

    if (options.Keep)
    {
        Screen.Step($"The host keeps running on {host.Address} until Ctrl-C");
        await host.Ended(cancellation.Token);
    }

    return 0;
}
catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
{
    // Ctrl-C is how the person ends it; the host has been stopped on the way here.
    return options.Keep ? 0 : 130;
}
catch (Exception exception) when (exception is QuickstartException or HttpRequestException)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}
finally
{
    if (host is not null)
        await host.DisposeAsync();
}

static string SourceFile([CallerFilePath] string path = "") => path;
