namespace Maestro.Bus.Admin.Chaos;

/// <summary>What has been put right.</summary>
public sealed class Remedies
{
    /// <summary>The setting that says what is right from the beginning, with commas between.</summary>
    public const string Setting = "Remedies";

    volatile string[] _kinds = [];

    public bool Has(string kind) => _kinds.Contains(kind);

    public void Are(params string[] kinds) => _kinds = kinds;
}
