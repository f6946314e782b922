using System.Text.Json;

// Runs a host until it is killed. The argument is a file with its settings, as JSON. It writes its address when it is ready.
await using var host = PoisonHost.Build(JsonSerializer.Deserialize<Dictionary<string, string?>>(await File.ReadAllTextAsync(args[0]))!);
await host.StartAsync();
Console.WriteLine(host.Urls.First());
await Task.Delay(Timeout.Infinite);
