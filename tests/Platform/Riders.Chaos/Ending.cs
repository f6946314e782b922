using System.Diagnostics;
using System.Globalization;

namespace Maestro.Bus.Riders.Chaos;

/// <summary>Something to do, which may end its process.</summary>
public sealed record Deed(string Key, int Number, bool Ends);

/// <summary>Does it, and tells of it first. A process that ends does so as by kill -9.</summary>
public sealed class DeedConsumer(CountContext counts) : IConsumer<Deed>
{
    public async Task Consume(ConsumeContext<Deed> context)
    {
        var (key, number, ends) = context.Message;
        await Console.Out.WriteLineAsync($"begins {number.ToString(CultureInfo.InvariantCulture)}");
        if (ends)
            Process.GetCurrentProcess().Kill();

        counts.Add(new Count { Key = key, Number = number });
        await Task.Delay(5, context.CancellationToken);
    }
}
