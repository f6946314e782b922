using System.Runtime.InteropServices;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Hears the signals that tell the process to stop from the first moment of the host on. The framework listens only while a host runs:
/// before and after that a signal would end the process in the middle of what it does.
/// </summary>
sealed class StopSignal : IDisposable
{
    static readonly PosixSignal[] Signals = [PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT];

    readonly CancellationTokenSource _told = new();
    readonly PosixSignalRegistration[] _registrations;

    public StopSignal() => _registrations = [.. Signals.Select(signal => PosixSignalRegistration.Create(signal, Hear))];

    /// <summary>Is cancelled by the first signal.</summary>
    public CancellationToken Told => _told.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _told.Dispose();
    }

    void Hear(PosixSignalContext context)
    {
        context.Cancel = true;
        _told.Cancel();
    }
}
