using System.Globalization;

namespace Maestro.Bus.Messaging;

/// <summary>Knows how many files, sockets among them, this process has open and may have open. It knows it on Linux only.</summary>
static class OpenFiles
{
    const string Limits = "/proc/self/limits";
    const string Descriptors = "/proc/self/fd";
    const string LimitLine = "Max open files";

    /// <summary>The number that the process may have open; null if it has no limit, or it is not known.</summary>
    /// <remarks>.NET raises the soft limit to the hard one when it starts.</remarks>
    public static int? Limit()
    {
        if (!File.Exists(Limits))
            return null;

        var line = File.ReadLines(Limits).FirstOrDefault(line => line.StartsWith(LimitLine, StringComparison.Ordinal));
        var soft = line?[LimitLine.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            ? (int)Math.Min(limit, int.MaxValue)
            : null;
    }

    /// <summary>
    /// The number that the process has open now; null if it is not known, as when there are so many that the list cannot be opened.
    /// </summary>
    public static int? Count()
    {
        try
        {
            return Directory.Exists(Descriptors) ? Directory.EnumerateFileSystemEntries(Descriptors).Count() : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
