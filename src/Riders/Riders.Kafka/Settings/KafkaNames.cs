namespace MaestroBus.Riders.Kafka;

/// <summary>Which names Kafka takes for topics.</summary>
static class KafkaNames
{
    const int Longest = 249;

    /// <summary>What is wrong with a name, and what to do; none where it can be.</summary>
    public static string? Problem(string name) => name switch
    {
        "" => "Give it a name.",
        "." or ".." => "Use another name than '.' and '..'.",
        { Length: > Longest } => $"It has {name.Length} characters. Use at most {Longest}; the names of the topics of its retries and dead letters are longer than its own.",
        _ when !name.All(IsAllowed) => "Use letters from a to z, digits, '.', '_' and '-'.",
        _ => null,
    };

    static bool IsAllowed(char character) => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-';
}
