using EdgeCam.Sims.World;

namespace EdgeCam.Sims.Ptz;

/// <summary>
/// A camera that is spoken to in VISCA, after Sony's EVI-D70: two sockets for commands under way, inquiries at any time, pan and tilt in steps
/// of 0.075 degrees (right and up positive), the optical zoom from 0x0000 to 0x4000.
/// </summary>
/// <remarks>
/// A command is acknowledged and, when it is done, completed; a drive is done at once, a move to a position when the head is there or another
/// move takes its place. While both sockets wait, no command is taken. Speeds are even steps of the top speed, not Sony's table. Left out: everything of the picture (focus, exposure, ...),
/// which is a syntax error here, and limits.
/// </remarks>
internal sealed class ViscaCamera(Head head, byte address)
{
    private const double Unit = 0.075;
    private const double PanSpeeds = 0x18;
    private const double TiltSpeeds = 0x17;
    private const int Tele = 0x4000;
    private const int MostPresets = 128;
    private const byte Syntax = 0x02;
    private const byte BufferFull = 0x03;
    private const byte Cancelled = 0x04;
    private const byte NoSocket = 0x05;
    private const byte NotExecutable = 0x41;

    private readonly Axis[]?[] _sockets = new Axis[]?[2]; // the axes that a socket's command waits for
    private readonly List<byte[]> _completions = [];
    private readonly byte _first = address;
    private byte _address = address;
    private bool _on = true;

    private byte From => (byte)(0x80 | (_address << 4));

    public static bool IsError(ReadOnlySpan<byte> answer) => answer.Length == 4 && (answer[1] & 0xF0) == 0x60;

    /// <summary>What has been completed since the last time.</summary>
    public List<byte[]> Completions()
    {
        for (var i = 0; i < _sockets.Length; i++)
        {
            if (_sockets[i] is { } axes && !Array.Exists(axes, axis => axis.IsTravelling))
                Finish(i);
        }

        return TakeCompletions();
    }

    /// <summary>As after power was switched on.</summary>
    /// <returns>What it says then: the network has changed.</returns>
    public byte[] Restart()
    {
        _ = Clear([]);
        (_address, _on) = (_first, true);
        return [From, 0x38, 0xFF];
    }

    public List<byte[]> Handle(ReadOnlySpan<byte> packet)
    {
        var body = packet[1..^1];
        if (packet[0] == 0x88)
            return Broadcast(body);
        if ((packet[0] & 7) != _address)
            return [];
        return body switch
        {
            [0x01, 0x00, 0x01] => Clear([From, 0x50, 0xFF]),
            [>= 0x20 and <= 0x2F] => Cancel(body[0] & 0x0F),
            [0x09, ..] => [Inquire(body[1..]) ?? Error(0, Syntax)],
            [0x01, ..] => Command(body[1..]),
            _ => [Error(0, Syntax)],
        };
    }

    private List<byte[]> Broadcast(ReadOnlySpan<byte> body)
    {
        if (body is [0x01, 0x00, 0x01])
            return Clear([0x88, 0x01, 0x00, 0x01, 0xFF]);
        if (body is not [0x30, >= 1 and <= 7])
            return [];
        _address = body[1];
        return [[0x88, 0x30, (byte)(body[1] + 1), 0xFF]]; // the last camera of the chain returns the next free address
    }

    private List<byte[]> Clear(byte[] answer)
    {
        Array.Clear(_sockets);
        _completions.Clear();
        return [answer];
    }

    private List<byte[]> Cancel(int socket)
    {
        if (socket is not (1 or 2) || _sockets[socket - 1] is not { } axes)
            return [Error(socket, NoSocket)];
        foreach (var axis in axes)
            axis.Stop();
        _sockets[socket - 1] = null;
        return [Error(socket, Cancelled)];
    }

    private byte[]? Inquire(ReadOnlySpan<byte> body) => body switch
    {
        [0x06, 0x12] => [From, 0x50, .. Nibbles(Steps(head.Pan)), .. Nibbles(Steps(head.Tilt)), 0xFF],
        [0x06, 0x11] => [From, 0x50, (byte)PanSpeeds, (byte)TiltSpeeds, 0xFF],
        [0x04, 0x47] => [From, 0x50, .. Nibbles((int)Math.Round(head.Zoom.Position * Tele)), 0xFF],
        [0x04, 0x00] => [From, 0x50, (byte)(_on ? 2 : 3), 0xFF],
        [0x00, 0x02] => [From, 0x50, 0x00, 0x01, 0x04, 0x0E, 0x01, 0x00, 0x02, 0xFF],
        _ => null,
    };

    private List<byte[]> Command(ReadOnlySpan<byte> body)
    {
        var socket = Array.IndexOf(_sockets, null);
        var isPower = body is [0x04, 0x00, 0x02 or 0x03];
        if (!isPower && !IsKnown(body))
            return [Error(0, Syntax)];
        if (!isPower && !_on)
            return [Error(0, NotExecutable)];
        if (socket < 0)
            return [Error(0, BufferFull)];
        if (!isPower)
            return IsDrive(body) ? Drive(body, socket) : Travel(body, socket);
        _on = body[2] == 2;
        head.Stop();
        return Accept(socket);
    }

    private static bool IsDrive(ReadOnlySpan<byte> body) => body is [0x06, 0x01, ..] or [0x04, 0x07, _] or [0x04, 0x3F, 0x00 or 0x01, _];

    private bool IsKnown(ReadOnlySpan<byte> body) => body switch
    {
        [0x06, 0x01, >= 1 and <= 0x18, >= 1 and <= 0x18, >= 1 and <= 3, >= 1 and <= 3] => true,
        [0x06, 0x02, >= 1 and <= 0x18, <= 0x18, ..] => body.Length == 12 && AreNibbles(body[4..]) && IsWithin(body),
        [0x06, 0x03, >= 1 and <= 0x18, <= 0x18, ..] => body.Length == 12 && AreNibbles(body[4..]),
        [0x06, 0x04 or 0x05] => true,
        [0x04, 0x07, 0x00 or 0x02 or 0x03 or (>= 0x20 and <= 0x27) or (>= 0x30 and <= 0x37)] => true,
        [0x04, 0x47, ..] => body.Length is 6 or 10 && AreNibbles(body[2..]) && Number(body.Slice(2, 4)) <= Tele, // with a focus position or without
        [0x04, 0x3F, <= 2, < MostPresets] => true,
        _ => false,
    };

    /// <summary>What is done as soon as it is accepted. A move that it breaks off is completed.</summary>
    private List<byte[]> Drive(ReadOnlySpan<byte> body, int socket)
    {
        switch (body)
        {
            case [0x06, 0x01, var pan, var tilt, var across, var up]:
                head.Pan.Drive((across == 2 ? 1 : across == 1 ? -1 : 0) * head.Options.Speed * pan / PanSpeeds);
                head.Tilt.Drive((up == 1 ? 1 : up == 2 ? -1 : 0) * head.Options.Speed * Math.Min(1, tilt / TiltSpeeds));
                break;
            case [0x04, 0x07, var zoom]:
                var speed = zoom >= 0x20 ? ((zoom & 7) + 1) / 8.0 : 0.5; // the standard speed lies in the middle
                head.Zoom.Drive(zoom is 0 ? 0 : (zoom is 2 or (>= 0x20 and <= 0x27) ? speed : -speed) * head.ZoomTopSpeed);
                break;
            case [0x04, 0x3F, 0x01, var preset]:
                head.Presets[preset] = head.Position;
                break;
            case [0x04, 0x3F, _, var preset]:
                head.Presets.Remove(preset);
                break;
            default:
                break;
        }

        return Accept(socket);
    }

    /// <summary>What is done when the head is there.</summary>
    private List<byte[]> Travel(ReadOnlySpan<byte> body, int socket)
    {
        Axis[] axes = body[0] == 0x04 && body[1] == 0x47 ? [head.Zoom] : body[0] == 0x04 ? [head.Pan, head.Tilt, head.Zoom] : [head.Pan, head.Tilt];
        var superseded = Array.FindIndex(_sockets, waiting => waiting is not null && waiting.Intersect(axes).Any());
        if (superseded >= 0)
            Finish(superseded);
        var position = body[0] == 0x04 && body[1] == 0x3F && head.Presets.TryGetValue(body[3], out var preset) ? preset : (HeadPosition?)null;
        if (body[0] == 0x04 && body[1] == 0x3F && position is null)
            return [Error(0, NotExecutable)];
        if (position is { } there)
            head.GoTo(there);
        else
            GoTo(body);
        _sockets[socket] = axes;
        return [.. TakeCompletions(), [From, (byte)(0x41 + socket), 0xFF]];
    }

    private void GoTo(ReadOnlySpan<byte> body)
    {
        if (body[0] == 0x04)
        {
            head.Zoom.GoTo(Number(body.Slice(2, 4)) / (double)Tele, head.ZoomTopSpeed);
            return;
        }

        var relative = body[1] == 0x03;
        var (pan, tilt) = body.Length > 2 ? (Signed(body.Slice(4, 4)) * Unit, Signed(body.Slice(8, 4)) * Unit) : (0, 0);
        var (panSpeed, tiltSpeed) = body.Length > 2 ? (body[2] / PanSpeeds, (body[3] == 0 ? body[2] : body[3]) / TiltSpeeds) : (1, 1);
        head.Pan.GoTo(relative ? head.Pan.Position + pan : pan, head.Options.Speed * panSpeed);
        head.Tilt.GoTo(relative ? head.Tilt.Position + tilt : tilt, head.Options.Speed * Math.Min(1, tiltSpeed));
    }

    private List<byte[]> TakeCompletions()
    {
        var completions = _completions.ToList();
        _completions.Clear();
        return completions;
    }

    private List<byte[]> Accept(int socket) => [[From, (byte)(0x41 + socket), 0xFF], [From, (byte)(0x51 + socket), 0xFF]];

    private void Finish(int socket)
    {
        _sockets[socket] = null;
        _completions.Add([From, (byte)(0x51 + socket), 0xFF]);
    }

    private byte[] Error(int socket, byte what) => [From, (byte)(0x60 | socket), what, 0xFF];

    /// <summary>A position between the ends; one step beyond is rounding.</summary>
    private bool IsWithin(ReadOnlySpan<byte> body) => IsWithin(head.Pan, Signed(body.Slice(4, 4))) && IsWithin(head.Tilt, Signed(body.Slice(8, 4)));

    private static bool IsWithin(Axis axis, int steps) => steps * Unit >= axis.Min - Unit && steps * Unit <= axis.Max + Unit;

    private static bool AreNibbles(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExceptInRange((byte)0, (byte)15);

    private static int Number(ReadOnlySpan<byte> nibbles) => (nibbles[0] << 12) | (nibbles[1] << 8) | (nibbles[2] << 4) | nibbles[3];

    private static short Signed(ReadOnlySpan<byte> nibbles) => (short)Number(nibbles);

    private static int Steps(Axis axis) => (int)Math.Round(axis.Position / Unit);

    private static byte[] Nibbles(int value) => [(byte)(value >> 12 & 15), (byte)(value >> 8 & 15), (byte)(value >> 4 & 15), (byte)(value & 15)];
}
