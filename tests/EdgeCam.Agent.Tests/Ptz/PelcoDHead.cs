using EdgeCam.Agent.Devices.Ptz.PelcoD;

namespace EdgeCam.Agent.Tests.Ptz;

/// <summary>A head that speaks Pelco-D, played by a test: it moves as it is told and answers what it is asked, at once.</summary>
internal sealed class PelcoDHead
{
    private const double TopSpeed = 60;

    private double _panSpeed;
    private double _tiltSpeed;
    private double _zoomSpeed;
    private double? _panTarget;
    private double? _tiltTarget;

    public double Pan { get; set; }

    /// <summary>Up is positive.</summary>
    public double Tilt { get; set; }

    /// <summary>0 to 1, of magnifications from 1 to 10.</summary>
    public double Zoom { get; set; }

    public bool IsStuck { get; set; }

    public bool IsSilent { get; set; }

    public bool IsMoving => _panSpeed != 0 || _tiltSpeed != 0 || _zoomSpeed != 0 || _panTarget is not null || _tiltTarget is not null;

    public byte[]? Handle(byte[] frame)
    {
        Assert.True(PelcoDFrame.IsWhole(frame), Convert.ToHexString(frame));
        var value = (frame[4] << 8) | frame[5];
        switch (frame[3])
        {
            case 0x51:
                return Answer(0x59, (int)Math.Round(Pan * 100));
            case 0x53:
                return Answer(0x5B, (int)Math.Round(-Tilt * 100));
            case 0x55:
                return Answer(0x5D, (int)Math.Round((1 + (9 * Zoom)) / 10 * 65535));
            case 0x4B:
                _panTarget = value > 18000 ? (value - 36000) / 100.0 : value / 100.0;
                return null;
            case 0x4D:
                _tiltTarget = -(value > 18000 ? (value - 36000) / 100.0 : value / 100.0);
                return null;
            case var command when (command & 1) == 0:
                _panSpeed = ((command & 2) != 0 ? 1 : (command & 4) != 0 ? -1 : 0) * frame[4] / 63.0 * TopSpeed;
                _tiltSpeed = ((command & 8) != 0 ? 1 : (command & 16) != 0 ? -1 : 0) * frame[5] / 63.0 * TopSpeed;
                _zoomSpeed = (command & 0x20) != 0 ? 0.3 : (command & 0x40) != 0 ? -0.3 : 0;
                (_panTarget, _tiltTarget) = (null, null);
                return null;
            default:
                return null;
        }
    }

    public void Advance(double seconds)
    {
        if (IsStuck)
            return;
        Pan = Step(Pan, _panSpeed, ref _panTarget, seconds);
        Tilt = Step(Tilt, _tiltSpeed, ref _tiltTarget, seconds);
        Zoom = Math.Clamp(Zoom + (_zoomSpeed * seconds), 0, 1);
    }

    private static double Step(double position, double speed, ref double? target, double seconds)
    {
        if (target is not { } there)
            return Math.Clamp(position + (speed * seconds), -170, 170);
        var next = position + Math.Clamp(there - position, -TopSpeed * seconds, TopSpeed * seconds);
        if (next == there)
            target = null;
        return next;
    }

    private byte[]? Answer(byte command, int value)
    {
        if (IsSilent)
            return null;
        value = command == 0x5D ? value : ((value % 36000) + 36000) % 36000;
        byte[] frame = [0xFF, 1, 0, command, (byte)(value >> 8), (byte)value, 0];
        frame[6] = (byte)(frame[1] + frame[2] + frame[3] + frame[4] + frame[5]);
        return frame;
    }
}
