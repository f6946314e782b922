// Runs until it is killed. The first argument says what for, the second is the bus's file, the third a directory for notes, the fourth a number to begin with.
var (role, path, notes, first) = (args[0], args[1], args[2], args.Length > 3 ? int.Parse(args[3], System.Globalization.CultureInfo.InvariantCulture) : 0);

using var bus = role switch
{
    "load" => await Load.Start(path, notes),
    "hold" => await Hold.Start(path),
    _ => await Echo.Start(path),
};

Console.WriteLine("ready");

if (role == "load")
    await Load.Send(bus, notes, first);

await Task.Delay(Timeout.Infinite);
