switch (args)
{
    case ["sqlite", .. var rest]:
        await SqliteBenchmark.Run(rest);
        return 0;
    default:
        Console.Error.WriteLine("Name a benchmark: sqlite [MESSAGES [ROUNDS]], sqlite mixed, sqlite backlog [MESSAGES], sqlite million [MESSAGES].");
        return 2;
}
