using System.Security.Cryptography;
using System.Text;

namespace Maestro.Bus.Riders.Kafka;

/// <summary>Which names Kafka takes for topics.</summary>
static class KafkaNames
{
    const int Longest = 249;

    /// <summary>What is wrong with a name, and what to do; none where it can be.</summary>
    public static string? Problem(string name) => name switch
    {
        "" => "Give it a name.",
        "." or ".." => "Use another name than '.' and '..'.",
        { Length: > Longest } =>
            $"It has {name.Length} characters. Use at most {Longest}; the names of the topics of its retries and dead letters are longer "
                + "than its own.",
        _ when !name.All(IsAllowed) => "Use letters from a to z, digits, '.', '_' and '-'.",
        _ => null,
    };

    /// <summary>
    /// What a process is called as a member of a group: it has one for each of its subscriptions, which are the same after a restart.
    /// </summary>
    public static string Member(string process, IReadOnlyList<string> topics)
    {
        var name = string.Join('+', topics);
        return Problem(name) is null ? $"{process}-{name}"
            : $"{process}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 8))}";
    }

    static bool IsAllowed(char character) => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-';
}
