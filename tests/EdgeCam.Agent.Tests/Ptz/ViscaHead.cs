using EdgeCam.Agent.Devices.Ptz.Visca;

namespace EdgeCam.Agent.Tests.Ptz;

/// <summary>A camera that speaks VISCA, played by a test.</summary>
internal sealed class ViscaHead
{
    private const double Speed = 60;

    private readonly (double Pan, double Tilt, double Zoom)?[] _sockets = new (double, double, double)?[3];
    private double _pan;
    private double _tilt;
    private double _zoom;

    public double PanSpeed { get; private set; }

    public double ZoomSpeed { get; private set; }

    public bool IsMoving => PanSpeed != 0 || ZoomSpeed != 0 || _sockets.Any(socket => socket is not null);

    public bool IsDeaf { get; set; }

    public bool KnowsInquiries { get; init; } = true;

    public byte? Refusal { get; set; }

    /// <summary>Every stop is lost on its way to it.</summary>
    public bool MissesStops { get; set; }

    public byte? StopRefusal { get; set; }

    public int MostUnderWay { get; private set; }

    public byte[]? Handle(byte[] packet)
    {
        Assert.Equal(0xFF, packet[^1]);
        if (IsDeaf)
            return null;
        switch (packet)
        {
            case [0x88, 0x30, 0x01, 0xFF]:
                return [0x88, 0x30, 0x02, 0xFF];
            case [0x88, 0x01, 0x00, 0x01, 0xFF]:
                return packet;
            case [0x81, 0x09, 0x00, 0x02, 0xFF]:
                return [0x90, 0x50, 0, 1, 4, 0x0E, 1, 0, 2, 0xFF];
            case [0x81, 0x09, ..] when !KnowsInquiries:
                return [0x90, 0x60, 0x02, 0xFF];
            case [0x81, 0x09, 0x06, 0x12, 0xFF]:
                return [0x90, 0x50, .. Nibbles((int)Math.Round(_pan / 0.075)), .. Nibbles((int)Math.Round(_tilt / 0.075)), 0xFF];
            case [0x81, 0x09, 0x04, 0x47, 0xFF]:
                return [0x90, 0x50, .. Nibbles((int)Math.Round(_zoom * 0x4000)), 0xFF];
            case [0x81, var cancel and (0x21 or 0x22), 0xFF]:
                var isBusy = _sockets[cancel & 3] is not null;
                _sockets[cancel & 3] = null;
                return [0x90, (byte)(0x60 | (cancel & 3)), isBusy ? (byte)4 : (byte)5, 0xFF];
        }

        var isStop = packet.AsSpan().EndsWith((byte[])[0x03, 0x03, 0xFF]) || packet is [0x81, 0x01, 0x04, 0x07, 0x00, 0xFF];
        if (isStop && StopRefusal is { } stopRefusal)
            return [0x90, 0x60, stopRefusal, 0xFF];
        if (isStop && MissesStops)
            return null;
        if (Refusal is { } refusal && !packet.AsSpan().EndsWith((byte[])[0x03, 0x03, 0xFF]))
            return [0x90, 0x60, refusal, 0xFF];
        return packet switch
        {
            [0x81, 0x01, 0x06, 0x01, var speed, _, var across, _, 0xFF] => Drive(() => PanSpeed = across == 2 ? speed : across == 1 ? -speed : 0),
            [0x81, 0x01, 0x04, 0x07, var zoom, 0xFF] => Drive(() => ZoomSpeed = zoom == 0 ? 0 : zoom < 0x30 ? 1 : -1),
            [0x81, 0x01, 0x06, 0x02, ..] => Travel(((short)ViscaPacket.Number(packet.AsSpan(6)) * 0.075, (short)ViscaPacket.Number(packet.AsSpan(10)) * 0.075, double.NaN)),
            [0x81, 0x01, 0x04, 0x47, ..] => Travel((double.NaN, double.NaN, ViscaPacket.Number(packet.AsSpan(4)) / (double)0x4000)),
            _ => [0x90, 0x60, 0x02, 0xFF],
        };
    }

    public void Advance(double seconds)
    {
        foreach (var socket in (int[])[1, 2])
        {
            if (_sockets[socket] is not { } target)
                continue;
            var step = Speed * seconds;
            if (double.IsNaN(target.Zoom))
                (_pan, _tilt) = (_pan + Math.Clamp(target.Pan - _pan, -step, step), _tilt + Math.Clamp(target.Tilt - _tilt, -step, step));
            else
                _zoom += Math.Clamp(target.Zoom - _zoom, -seconds, seconds);
            if (double.IsNaN(target.Zoom) ? Math.Abs(target.Pan - _pan) + Math.Abs(target.Tilt - _tilt) < 1e-6 : Math.Abs(target.Zoom - _zoom) < 1e-6)
                _sockets[socket] = null; // its completion is lost, as may happen
        }
    }

    private static byte[] Nibbles(int value) => [(byte)(value >> 12 & 15), (byte)(value >> 8 & 15), (byte)(value >> 4 & 15), (byte)(value & 15)];

    private byte[] Drive(Action drive)
    {
        if (_sockets[1] is not null && _sockets[2] is not null)
            return [0x90, 0x60, 0x03, 0xFF];
        drive();
        return [0x90, 0x41, 0xFF, 0x90, 0x51, 0xFF];
    }

    private byte[] Travel((double Pan, double Tilt, double Zoom) target)
    {
        var socket = _sockets[1] is null ? 1 : 2;
        if (_sockets[socket] is not null)
            return [0x90, 0x60, 0x03, 0xFF];
        _sockets[socket] = target;
        (PanSpeed, ZoomSpeed) = double.IsNaN(target.Zoom) ? (0.0, ZoomSpeed) : (PanSpeed, 0.0); // it takes the place of a drive
        MostUnderWay = Math.Max(MostUnderWay, _sockets.Count(one => one is not null));
        return [0x90, (byte)(0x40 | socket), 0xFF];
    }
}
