using EdgeCam.Agent.Devices.Ports;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>
/// Says when a slow line is free. A serial port takes whatever it is given and sends it in order, so a stop would wait behind all that was
/// written in vain before it: 7 bytes take 29 ms at 2400 baud.
/// </summary>
internal sealed class SerialLine(int baud)
{
    private const int BitsPerByte = 10; // with start and stop bit

    private Instant _freeAt;

    public bool IsFree(Instant now) => now >= _freeAt;

    public TimeSpan Takes(int bytes) => TimeSpan.FromSeconds(bytes * BitsPerByte / (double)baud);

    /// <param name="reply">Bytes that the other end is about to send; on a line of two wires it must not be talked over.</param>
    public bool TryWrite(IDevicePort? port, ReadOnlySpan<byte> data, Instant now, int reply = 0)
    {
        if (port is null || !port.TryWrite(data))
            return false;
        _freeAt = Instant.Max(now, _freeAt) + Takes(data.Length + reply);
        return true;
    }
}
