namespace Maestro.Bus.Cli;

/// <summary>Shows what the bus answers: tables for people, JSON for programs.</summary>
sealed class Screen
{
    // Nothing is cut or wrapped where a program reads the table.
    const int RedirectedWidth = 4096;

    static readonly JsonSerializerOptions Indented = new(JsonSerializerOptions.Web)
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    readonly Terminal _terminal;

    public Screen(Terminal terminal, bool isJson)
    {
        _terminal = terminal;
        IsJson = isJson;
        Console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(terminal.Out),
                Interactive = terminal.IsInteractive
                ? InteractionSupport.Detect
                : InteractionSupport.No
            });
        if (!terminal.IsInteractive)
            Console.Profile.Width = RedirectedWidth;
    }

    /// <summary>Whether the user wants JSON.</summary>
    public bool IsJson { get; }

    /// <summary>Whether a person looks at the output, and wants to see things move.</summary>
    public bool IsInteractive => _terminal.IsInteractive && !IsJson;

    /// <summary>Writes colours and tables.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>The terminal itself.</summary>
    public Terminal Terminal => _terminal;

    /// <summary>Writes an answer as JSON.</summary>
    public void Json(JsonElement answer) => _terminal.Out.WriteLine(JsonSerializer.Serialize(answer, Indented));

    /// <summary>Writes a sentence.</summary>
    public void Say(string sentence) => _terminal.Out.WriteLine(sentence);

    /// <summary>Writes rows under column heads.</summary>
    public void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string?>> rows)
    {
        var table = new Table { Border = _terminal.IsInteractive ? TableBorder.Rounded : TableBorder.None };
        foreach (var column in columns)
            table.AddColumn(new TableColumn(new Text(column, new Style(decoration: Decoration.Bold))));
        foreach (var row in rows)
            table.AddRow(row.Select(cell => new Text(Printable(cell ?? ""))));

        Console.Write(table);
    }

    /// <summary>A text without what would move the cursor, change colours or break the table: it may come from anybody.</summary>
    public static string Printable(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character)) : text;
}
