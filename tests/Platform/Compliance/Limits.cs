namespace Maestro.Bus.Compliance;

static class Limits
{
    /// <summary>How long a message may take on a machine that does much else; on a free one it is there at once.</summary>
    public static readonly TimeSpan Arrival = TimeSpan.FromSeconds(60);
}
