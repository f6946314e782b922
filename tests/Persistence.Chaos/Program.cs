// Runs until it is killed. "pay" and settings as name=value: takes payments, and asks for one as often as each line of its input says. Otherwise it sends what others have
// written into the outbox; the arguments are the database's connection string and the broker's address.
if (args[0] == "pay")
{
    using var payments = PaymentsHost.Build(args[1..]);
    using var counting = PaymentsHost.Count(payments, done => Console.WriteLine($"count {done}"));
    await payments.StartAsync();
    Console.WriteLine("ready");

    while (await Console.In.ReadLineAsync() is { } line)
        if (line.Split(' ') is [var times, var account, var amount, var hangs])
            foreach (var receipt in await PaymentsHost.Pay(payments, int.Parse(times, System.Globalization.CultureInfo.InvariantCulture), new Pay(account, int.Parse(amount, System.Globalization.CultureInfo.InvariantCulture), hangs == "hangs")))
                Console.WriteLine($"receipt {receipt}");

    await payments.StopAsync();
    return;
}

using var host = ChaosHost.Build(args[0], args[1], delivers: true, _ => { });
await host.StartAsync();
Console.WriteLine("ready");
await Task.Delay(Timeout.Infinite);
