namespace Maestro.Bus.Messaging;

/// <summary>
/// Looks for wrong settings that only show once the bus has been made, before it takes its first message. All that are registered are run.
/// </summary>
public interface IStartCheck
{
    /// <summary>Notes what is wrong. The bus has its endpoints.</summary>
    void Check(SettingsProblems problems);
}
