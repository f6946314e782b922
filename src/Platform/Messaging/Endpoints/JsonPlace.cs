using System.Globalization;
using System.Text;

namespace Maestro.Bus.Messaging;

/// <summary>Follows a reader through a JSON document: where it is, and which names the open objects have had.</summary>
sealed class JsonPlace
{
    const int LongestName = 64;
    const int MostNamesToReuse = 64;

    readonly List<Level> _levels = [];
    int _depth;

    /// <summary>Enters an object or an array.</summary>
    public void Enter(bool isArray)
    {
        Count();

        if (_depth == _levels.Count)
            _levels.Add(new Level());

        _levels[_depth++].Begin(isArray);
    }

    public void Leave() => _depth--;

    /// <summary>Takes note of a single value.</summary>
    public void Count()
    {
        if (_depth > 0)
            _levels[_depth - 1].Index++;
    }

    /// <summary>Takes note of a member's name.</summary>
    /// <returns>False if the object has had a member of that name.</returns>
    public bool Name(string name) => _levels[_depth - 1].Add(name);

    /// <summary>The path of the value that has been noted last.</summary>
    public override string ToString()
    {
        var path = new StringBuilder("$");

        foreach (var level in _levels.Take(_depth))
            level.AppendTo(path);

        return path.ToString();
    }

    sealed class Level
    {
        bool _isArray;
        string? _name;
        HashSet<string>? _names;

        public int Index { get; set; }

        public void Begin(bool isArray)
        {
            _isArray = isArray;
            _name = null;
            Index = -1;

            // Emptying a set takes as long as it was once large, and a document may have one large object and many small ones.
            if (_names?.Count > MostNamesToReuse)
                _names = null;
            else
                _names?.Clear();
        }

        public bool Add(string name)
        {
            _name = name;
            return (_names ??= new HashSet<string>(StringComparer.Ordinal)).Add(name);
        }

        public void AppendTo(StringBuilder path)
        {
            if (_isArray)
            {
                if (Index >= 0)
                    path.Append(CultureInfo.InvariantCulture, $"[{Index}]");
            }
            else if (_name is { } name)
            {
                if (name.Length is > 0 and <= LongestName
                    && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-'))
                    path.Append('.').Append(name);
                else
                    path.Append("['").AppendJoin("", name.Take(LongestName).Select(Visible))
                        .Append(name.Length > LongestName ? "…']" : "']");
            }
        }

        static string Visible(char character) =>
            char.IsLetterOrDigit(character) || character is >= ' ' and <= '~' and not ('\'' or '\\')
                ? $"{character}"
                : $"\\u{(int)character:x4}";
    }
}
