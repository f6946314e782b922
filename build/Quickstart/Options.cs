namespace MaestroBus.Quickstart;

/// <summary>What the command line asks for.</summary>
sealed record Options(string Name, string? Output, bool Keep, bool Help)
{
    public const string Usage = """
        Usage: build/quickstart [--name Acme] [--output DIR] [--keep]

        Packs the engine and the templates, installs them into a throw-away CLI home, scaffolds a solution, builds its host, runs it on the
        embedded default, posts the sample webhooks and prints their way through the five queue domains. Then it ends the host twice, with
        SIGTERM and with SIGKILL, while webhooks are on their way, and shows that they come to their end when it is started again.

          --name    what the solution is called; Acme without it
          --output  where it goes: a folder that is empty or not there, or one that holds what an earlier run has scaffolded, which is run
                    again as it is, with the messages that it still had. Without it, a new temporary folder
          --keep    leave the host running until Ctrl-C, to try things by hand
          --help    show this text
        """;

    /// <summary>Reads the command line; none where it is wrong, after saying so.</summary>
    public static Options? Parse(string[] args)
    {
        var options = new Options("Acme", null, false, false);

        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--help" or "-h":
                    return options with { Help = true };
                case "--keep":
                    options = options with { Keep = true };
                    break;
                case "--name" when i + 1 < args.Length:
                    options = options with { Name = args[++i] };
                    break;
                case "--output" when i + 1 < args.Length:
                    options = options with { Output = Path.GetFullPath(args[++i]) };
                    break;
                default:
                    Console.Error.WriteLine($"Unknown or incomplete option: {args[i]}. Run build/quickstart --help.");
                    return null;
            }
        }

        return options;
    }
}
