namespace Maestro.Bus.Messaging;

/// <summary>How a message may be worked on.</summary>
enum Turn
{
    /// <summary>As usual.</summary>
    Go,

    /// <summary>As the one that finds out whether what is down is back.</summary>
    Probe,

    /// <summary>Not in this process any more: it stops.</summary>
    GiveBack,
}
