// Runs until it is killed. "pay" and settings as name=value: takes payments, and asks for one as often as each line of its input says.
// Otherwise it sends what others have written into the outbox; the arguments are settings as name=value.
if (args[0] == "pay")
{
    using var payments = PaymentsHost.Build(args[1..]);
    using var counting = PaymentsHost.Count(payments, done => Console.WriteLine($"count {done}"));
    await payments.StartAsync();
    Console.WriteLine("ready");

    while (await Console.In.ReadLineAsync() is { } line)
    {
        if (line.Split(' ') is [var times, var account, var amount, var hangs])
        {
            foreach (var receipt in await PaymentsHost.Pay(payments, int.Parse(times, System.Globalization.CultureInfo.InvariantCulture),
                new Pay(account, int.Parse(amount, System.Globalization.CultureInfo.InvariantCulture), hangs == "hangs")))
                Console.WriteLine($"receipt {receipt}");
        }
    }

    await payments.StopAsync();
    return;
}

using var host = ChaosHost.Build(
    args.Select(setting => setting.Split('=', 2)).Select(setting => KeyValuePair.Create<string, string?>(setting[0], setting[1])),
    delivers: true, _ => { });
await host.StartAsync();
Console.WriteLine("ready");
await Task.Delay(Timeout.Infinite);
