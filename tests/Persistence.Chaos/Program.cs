// Sends what others have written into the outbox, until it is killed. The arguments are the database's connection string and the broker's address.
using var host = ChaosHost.Build(args[0], args[1], delivers: true, _ => { });
await host.StartAsync();
Console.WriteLine("ready");
await Task.Delay(Timeout.Infinite);
