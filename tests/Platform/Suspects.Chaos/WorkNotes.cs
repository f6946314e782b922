using System.Globalization;
using System.Text;

namespace Maestro.Bus.Suspects.Chaos;

/// <summary>What the processes of a test have begun, done and sent.</summary>
public sealed class WorkNotes(string folder)
{
    public Notes Begun { get; } = new(Path.Combine(folder, "begun"));

    public Notes Done { get; } = new(Path.Combine(folder, "done"));

    public Notes Sent { get; } = new(Path.Combine(folder, "sent"));

    /// <summary>Whether nothing ends its process any more.</summary>
    public bool IsHealed => File.Exists(Path.Combine(folder, "healed"));

    /// <summary>Has nothing end its process any more.</summary>
    public void Heal() => File.WriteAllText(Path.Combine(folder, "healed"), "");
}

/// <summary>Numbers in a text file. What was added is with the operating system, and stays when the process is killed.</summary>
public sealed class Notes(string path)
{
    readonly Lock _lock = new();

    /// <summary>All numbers, in the order in which they were added.</summary>
    public IReadOnlyList<int> Read()
    {
        if (!File.Exists(path))
            return [];

        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
    }

    public void Add(int number)
    {
        var line = Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture) + "\n");
        lock (_lock)
        {
            using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            file.Write(line);
        }
    }
}
