using System.Collections;
using System.Text;

namespace Maestro.Bus.Riders;

/// <summary>A record's headers in their order; names count as equal whatever their case.</summary>
public sealed class RecordHeaders(int capacity = 8) : IReadOnlyCollection<KeyValuePair<string, byte[]?>>
{
    readonly List<KeyValuePair<string, byte[]?>> _headers = new(capacity);

    /// <inheritdoc />
    public int Count => _headers.Count;

    /// <summary>Adds a header without looking for one of the same name. A header may be there without a value.</summary>
    public void Add(string name, byte[]? value) => _headers.Add(new(name, value));

    /// <summary>Adds a text without looking for a header of the same name.</summary>
    public void Add(string name, string value) => Add(name, (byte[]?)Encoding.UTF8.GetBytes(value));

    /// <summary>Sets a header in place of those of its name.</summary>
    public void Set(string name, string value)
    {
        Remove(name);
        Add(name, value);
    }

    /// <summary>Removes the headers of a name.</summary>
    public void Remove(string name) => _headers.RemoveAll(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The text of the first header of a name; none where there is none.</summary>
    public string? Get(string name) => GetBytes(name) is { } value ? Encoding.UTF8.GetString(value) : null;

    /// <summary>The bytes of the first header of a name; none where there is none.</summary>
    public byte[]? GetBytes(string name)
    {
        foreach (var (key, value) in _headers)
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
                return value;
        }

        return null;
    }

    /// <summary>Whether there is a header whose name begins so.</summary>
    public bool Any(string prefix)
    {
        foreach (var (key, _) in _headers)
        {
            if (key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    /// <summary>The same headers, to be changed.</summary>
    public RecordHeaders Copy()
    {
        var copy = new RecordHeaders(_headers.Count + 12);
        copy._headers.AddRange(_headers);
        return copy;
    }

    /// <inheritdoc cref="IEnumerable{T}.GetEnumerator" />
    public List<KeyValuePair<string, byte[]?>>.Enumerator GetEnumerator() => _headers.GetEnumerator();

    IEnumerator<KeyValuePair<string, byte[]?>> IEnumerable<KeyValuePair<string, byte[]?>>.GetEnumerator() => _headers.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _headers.GetEnumerator();
}
