namespace Maestro.Bus.Transports.Sqlite;

/// <summary>When a message counts as stored.</summary>
public enum SqliteDurability
{
    /// <summary>When the disk has confirmed it: nothing that was confirmed to a sender is lost, even when the power fails.</summary>
    Full,

    /// <summary>
    /// When the operating system has it: nothing is lost when the process is killed or crashes. When the power fails or the operating
    /// system crashes, the last moments before it are lost; the file itself stays sound.
    /// </summary>
    Normal,
}
