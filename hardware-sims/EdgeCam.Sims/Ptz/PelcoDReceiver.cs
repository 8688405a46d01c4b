using EdgeCam.Sims.World;

namespace EdgeCam.Sims.Ptz;

/// <summary>
/// A receiver that is spoken to in Pelco-D: 0xFF, address, command 1 and 2, data 1 and 2, and the sum of the five before modulo 256. A
/// standard command names all motions that shall go on, so one without any stops all; an extended one has the lowest bit of command 2 set.
/// </summary>
/// <remarks>
/// Positions are hundredths of a degree from 0 to 35999: pan clockwise, tilt downwards from the horizontal (so 10 degrees up is 35000) unless
/// told otherwise. The zoom position is the magnification in 65535ths of the highest one; magnification is in hundredths. Left out: iris, focus, auxiliaries,
/// patterns, zones, alarms and the menu, which are taken without effect.
/// </remarks>
internal sealed class PelcoDReceiver(Head head, byte address, bool tiltUpwards = false)
{
    private const double Turbo = 1.5; // above the top speed of the stick
    private const byte TopSpeed = 0x3F;
    private const byte TurboSpeed = 0x40;
    private const byte NoAlarms = 0;
    private const int Circle = 36000;

    private double _zoomSpeed = 1;

    public static byte Checksum(ReadOnlySpan<byte> frame) => (byte)(frame[1] + frame[2] + frame[3] + frame[4] + frame[5]);

    /// <summary>The four bytes with which some models confirm what they take.</summary>
    /// <param name="frame">The command; its sum and the alarms are that of the reply.</param>
    public byte[] GeneralReply(ReadOnlySpan<byte> frame) => [0xFF, address, NoAlarms, (byte)(frame[6] + NoAlarms)];

    /// <param name="answer">What the command asks back; empty for most.</param>
    /// <returns>False where it is for another address or not a command.</returns>
    public bool TryHandle(ReadOnlySpan<byte> frame, out byte[] answer)
    {
        answer = [];
        if (frame[1] != address)
            return false;
        if ((frame[3] & 1) != 0)
            return frame[2] == 0 && TryExtended(frame[3], frame[4], frame[5], out answer);
        Move(frame[3], frame[4], frame[5]);
        return true;
    }

    private static double Fraction(byte speed) => speed == TurboSpeed ? Turbo : Math.Min(speed, TopSpeed) / (double)TopSpeed;

    private void Move(byte motions, byte panSpeed, byte tiltSpeed)
    {
        var top = head.Options.Speed;
        head.Pan.Drive(Direction(motions, 0x02, 0x04) * top * Fraction(panSpeed));
        head.Tilt.Drive(Direction(motions, 0x08, 0x10) * top * Math.Min(1, Fraction(tiltSpeed))); // only pan has a turbo
        head.Zoom.Drive(Direction(motions, 0x20, 0x40) * head.ZoomTopSpeed * _zoomSpeed);
    }

    private static int Direction(byte motions, byte positive, byte negative) =>
        ((motions & positive) != 0 ? 1 : 0) - ((motions & negative) != 0 ? 1 : 0);

    private bool TryExtended(byte command, byte high, byte low, out byte[] answer)
    {
        answer = [];
        var value = (high << 8) | low;
        switch (command)
        {
            case 0x03: return SetPreset(low);
            case 0x05: return head.Presets.Remove(low);
            case 0x07: return GoToPreset(low);
            case 0x25:
                _zoomSpeed = (Math.Min(low, (byte)3) + 1) / 4.0;
                return true;
            case 0x4B:
                head.Pan.GoTo(Signed(value), head.Options.Speed);
                return true;
            case 0x4D:
                head.Tilt.GoTo(TiltSign * Signed(value), head.Options.Speed);
                return true;
            case 0x4F:
                ZoomTo(value / 65535.0 * head.Options.Zoom.To);
                return true;
            case 0x5F:
                ZoomTo(value / 100.0);
                return true;
            case 0x51: return Reply(0x59, Hundredths(head.Pan.Position), out answer);
            case 0x53: return Reply(0x5B, Hundredths(TiltSign * head.Tilt.Position), out answer);
            case 0x55: return Reply(0x5D, (int)Math.Round(head.ZoomFactor / head.Options.Zoom.To * 65535), out answer);
            case 0x61: return Reply(0x63, (int)Math.Round(head.ZoomFactor * 100), out answer);
            case 0x09 or 0x0B or 0x1F or 0x21 or 0x23 or 0x27 or 0x29 or 0x2B or 0x2D or 0x2F or 0x31 or 0x33: return true;
            default: return false;
        }
    }

    private void ZoomTo(double magnification)
    {
        var factor = Math.Clamp(magnification, head.Options.Zoom.From, head.Options.Zoom.To);
        head.Zoom.GoTo(Math.Log(factor / head.Options.Zoom.From) / Math.Log(head.Options.Zoom.To / head.Options.Zoom.From), head.ZoomTopSpeed);
    }

    private int TiltSign => tiltUpwards ? 1 : -1;

    /// <summary>Presets that the protocol keeps for itself: turn round, and pan to zero.</summary>
    private bool GoToPreset(byte number)
    {
        if (number == 0x21)
            head.Pan.GoTo(head.Pan.Position > 0 ? head.Pan.Position - 180 : head.Pan.Position + 180, head.Options.Speed);
        else if (number == 0x22)
            head.Pan.GoTo(0, head.Options.Speed);
        else if (head.Presets.TryGetValue(number, out var position))
            head.GoTo(position);
        else
            return false;
        return true;
    }

    private bool SetPreset(byte number)
    {
        if (number is 0 or 0x21 or 0x22)
            return false;
        head.Presets[number] = head.Position;
        return true;
    }

    private static int Hundredths(double degrees) => (((int)Math.Round(degrees * 100) % Circle) + Circle) % Circle;

    private static double Signed(int hundredths) => (hundredths % Circle is var turned && turned > Circle / 2 ? turned - Circle : turned) / 100.0;

    private bool Reply(byte command, int value, out byte[] answer)
    {
        answer = [0xFF, address, 0, command, (byte)(value >> 8), (byte)value, 0];
        answer[6] = Checksum(answer);
        return true;
    }
}
