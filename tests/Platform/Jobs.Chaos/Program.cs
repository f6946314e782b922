// Runs jobs until it is killed. The arguments are settings, name=value.
using var host = ChaosHost.Build(
    args.Select(argument => KeyValuePair.Create(argument.Split('=', 2)[0], (string?)argument.Split('=', 2)[1])));
await host.StartAsync();
Console.WriteLine("ready");
await Task.Delay(Timeout.Infinite);
