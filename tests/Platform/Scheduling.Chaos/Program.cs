// Runs schedules until it is killed. The first argument is the number of schedules, the others are settings, as key=value.
using var host = ChaosHost.Build(
    args.Skip(1).Select(argument => argument.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1])),
    int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture));
await host.StartAsync();
Console.WriteLine("ready");
await Task.Delay(Timeout.Infinite);
