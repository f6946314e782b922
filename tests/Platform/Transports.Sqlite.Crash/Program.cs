// Runs until it is killed. The first argument says what for, the second is the bus's file, the third a directory for notes, the fourth a
// number to begin with or a queue.
var (role, path, notes, last) = (args[0], args[1], args[2], args.Length > 3 ? args[3] : "0");

using var bus = role switch
{
    "load" => await Load.Start(path, notes),
    "hold" => await Hold.Start(path),
    "take" => await Take.Start(path, last),
    _ => await Echo.Start(path),
};

Console.WriteLine("ready");

if (role == "load")
    await Load.Send(bus, notes, int.Parse(last, System.Globalization.CultureInfo.InvariantCulture));

await Task.Delay(Timeout.Infinite);
