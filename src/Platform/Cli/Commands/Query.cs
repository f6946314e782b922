using System.Globalization;

namespace Maestro.Bus.Cli;

/// <summary>The query of an address.</summary>
static class Query
{
    /// <summary>Writes those that have a value; nothing where none has.</summary>
    public static string Of(params (string Name, object? Value)[] values)
    {
        var written = values
            .Where(value => value.Value is not null)
            .Select(value => $"{value.Name}={Uri.EscapeDataString(Convert.ToString(value.Value, CultureInfo.InvariantCulture)!)}")
            .ToList();
        return written.Count == 0 ? "" : $"?{string.Join('&', written)}";
    }
}
