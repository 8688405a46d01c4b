using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Devices.Ports;

/// <summary>An open port, inside the guard. Belongs to one thread, which it may block for a bounded time only.</summary>
internal interface IPort : IDisposable
{
    /// <summary>Can be read when something has come by itself; null where that never happens, or happens on the port's own thread.</summary>
    SafeHandle? Descriptor { get; }

    /// <summary>Takes what has come. Called when <see cref="Descriptor"/> can be read.</summary>
    /// <exception cref="PortException">The port is out of order.</exception>
    void Receive();

    /// <summary>Does one write, transaction or command, and gives back what was read.</summary>
    /// <exception cref="PortException">It failed.</exception>
    /// <exception cref="PortInterruptedException">It was given up.</exception>
    byte[] Write(ReadOnlySpan<byte> data, int read);

    /// <summary>What was written before and has not gone out yet must not hold up what is written next.</summary>
    /// <returns>True where something was forgotten, perhaps in the middle of a frame.</returns>
    bool Hurry();
}
