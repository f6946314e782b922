namespace Maestro.Bus.Jobs;

/// <summary>Why a running job is told to end.</summary>
enum JobEnd
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>Somebody has cancelled it.</summary>
    Canceled,

    /// <summary>It has taken too long.</summary>
    TimedOut,

    /// <summary>The process is stopped; another one goes on with it.</summary>
    Stopped,

    /// <summary>Others may have taken it over: this process has shown no life for too long.</summary>
    Lost,
}
