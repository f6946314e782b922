using System.Globalization;

namespace MaestroBus.Orchestration;

/// <summary>
/// Counts what is put into a step's input, so that putting it together stops at the limit and not when the memory is full.
/// </summary>
sealed class InputRoom
{
    readonly int _limit;
    int _left;

    /// <param name="limit">The most characters that the input may have.</param>
    public InputRoom(int limit) => _limit = _left = limit;

    /// <summary>Counts a text in.</summary>
    /// <returns>The text.</returns>
    /// <exception cref="UnresolvableInputException">There is no room for it.</exception>
    public string Take(string text)
    {
        Check(text);
        _left -= text.Length;
        return text;
    }

    /// <exception cref="UnresolvableInputException">There is no room for a text.</exception>
    public void Check(string text)
    {
        if (text.Length > _left)
            throw new UnresolvableInputException(string.Create(
                CultureInfo.InvariantCulture,
                $"The input becomes larger than {_limit} characters. Bind less to it, or raise Bus:Orchestration:MaxInputSize."));
    }
}
