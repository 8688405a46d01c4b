using System.Runtime.InteropServices;

namespace EdgeCam.Sims.Common;

/// <summary>SIGTERM or SIGINT, noted instead of deadly, for loops that end at a good place.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly PosixSignalRegistration _terminate;
    private readonly PosixSignalRegistration _interrupt;
    private volatile bool _isRequested;

    public StopSignal()
    {
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Note);
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Note);
    }

    public bool IsRequested => _isRequested;

    public void Dispose()
    {
        _terminate.Dispose();
        _interrupt.Dispose();
    }

    private void Note(PosixSignalContext context)
    {
        context.Cancel = true;
        _isRequested = true;
    }
}
