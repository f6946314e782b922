namespace Maestro.Bus.Cli;

/// <summary>What a command tells the shell.</summary>
static class ExitCode
{
    /// <summary>It is done.</summary>
    public const int Done = 0;

    /// <summary>The bus has refused, or has failed at it; what was followed has not succeeded.</summary>
    public const int Refused = 1;

    /// <summary>The command line is wrong: this program says so, or the bus, which has done nothing then.</summary>
    public const int Usage = 2;

    /// <summary>No bus answers.</summary>
    public const int Unreachable = 3;
}
