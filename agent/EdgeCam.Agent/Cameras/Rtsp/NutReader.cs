using System.Text;

namespace EdgeCam.Agent.Cameras.Rtsp;

/// <summary>
/// Reads the one video stream of a NUT file as it grows: whole frames with their times, without waiting for the next one. What writes it is
/// ffmpeg, yet it writes what a camera sent: nothing is believed, all sizes are bounded, and a fault ends the reading with a sentence.
/// </summary>
/// <remarks>Version 3. Left out: several streams, side data (version 4), the index, checksums (a pipe loses nothing), the step over damage.</remarks>
internal sealed class NutReader
{
    public const int MaxFrame = 8 * 1024 * 1024;

    private const ulong Main = 0x4E4D_7A56_1F5F_04AD;
    private const ulong Stream = 0x4E53_1140_5BF2_F9DB;
    private const ulong SyncPoint = 0x4E4B_E4AD_EECA_4569;
    private const ulong Index = 0x4E58_DD67_2F23_E64E;
    private const ulong Info = 0x4E49_AB68_B596_BA78;
    private const int MaxPacket = 256 * 1024; // of a header
    private const int MaxElision = 4096;
    private const int MaxReserved = 16; // numbers in a frame's header that a later version may have
    private const int LargeSize = 4096; // frames above it are never shortened, packets above it have a checksum in front
    private const long MaxTicks = 1L << 60; // of a time: differences of two do not overflow
    private const int FirstBuffer = 256 * 1024;

    private static readonly byte[] s_identity = Encoding.ASCII.GetBytes("nut/multimedia container\0");

    private readonly NutFrameCode[] _codes = new NutFrameCode[256];
    private readonly List<byte[]> _elided = [];
    private readonly List<(long Numerator, long Denominator)> _timeBases = [];
    private byte[] _buffer = new byte[FirstBuffer];
    private int _start;
    private int _end;
    private bool _isIdentified;
    private bool _hasMain;
    private bool _hasStream;
    private int _timeBase;
    private int _timeBits;
    private long _lastTime;

    /// <summary>Why it cannot be read; null while it can.</summary>
    public string? Fault { get; private set; }

    /// <summary>Four letters that name the codec; empty before the stream's header.</summary>
    public string Codec { get; private set; } = "";

    /// <summary>What the codec needs in front of the first frame: SPS and PPS where the camera told them beforehand.</summary>
    public byte[] CodecData { get; private set; } = [];

    public long Bytes { get; private set; }

    /// <summary>Where the next bytes go. Makes the last frame's bytes invalid.</summary>
    public Span<byte> GetSpan(int atLeast)
    {
        if (_buffer.Length - _end < atLeast)
        {
            var pending = _end - _start;
            var target = _buffer.Length - pending >= atLeast ? _buffer : new byte[Math.Max(pending + atLeast, _buffer.Length * 2)]; // bounded by MaxFrame
            _buffer.AsSpan(_start, pending).CopyTo(target);
            (_buffer, _start, _end) = (target, 0, pending);
        }

        return _buffer.AsSpan(_end);
    }

    public void Advance(int count)
    {
        _end += count;
        Bytes += count;
    }

    /// <summary>The next whole frame; its bytes are valid until <see cref="GetSpan"/>.</summary>
    /// <returns>False where more bytes are needed, or there is a <see cref="Fault"/>.</returns>
    public bool TryRead(out NutFrame frame, out ReadOnlySpan<byte> bytes)
    {
        frame = default;
        bytes = default;
        while (Fault is null && _end > _start)
        {
            var cursor = new NutCursor(_buffer.AsSpan(_start, _end - _start));
            var isFrame = false;
            if (!_isIdentified)
                Identify(ref cursor);
            else if (_buffer[_start] == (byte)'N')
                ReadPacket(ref cursor);
            else
                isFrame = ReadFrame(ref cursor, out frame, out bytes);

            if (cursor.IsBroken)
                Fault ??= "it has a number of more than 63 bits";
            if (cursor.IsShort && _end - _start > MaxFrame + MaxPacket)
                Fault ??= "it has a frame without an end";
            if (cursor.IsShort || Fault is not null)
                return false;
            _start += cursor.Position;
            if (isFrame)
                return true;
        }

        return false;
    }

    private void Identify(ref NutCursor cursor)
    {
        var identity = cursor.Take(s_identity.Length);
        if (cursor.IsShort)
            return;
        if (identity.SequenceEqual(s_identity))
            _isIdentified = true;
        else
            Fault = "it is no NUT";
    }

    private void ReadPacket(ref NutCursor cursor)
    {
        var code = cursor.ReadStartCode();
        var size = cursor.ReadNumber();
        if (size > LargeSize)
            cursor.Take(sizeof(uint));
        if (size is < sizeof(uint) or > MaxPacket)
            Fault = cursor.IsShort ? null : $"it has a header of {size} bytes";
        if (cursor.IsShort || Fault is not null)
            return;
        var packet = new NutCursor(cursor.Take(size));
        if (cursor.IsShort)
            return;
        switch (code)
        {
            case Main:
                ReadMain(ref packet);
                break;
            case Stream:
                ReadStream(ref packet);
                break;
            case SyncPoint when _timeBases.Count > 0:
                ReadSyncPoint(ref packet);
                break;
            case Index or Info or SyncPoint:
                break;
            default:
                Fault = "it has a packet of an unknown kind";
                break;
        }

        if (packet.IsShort || packet.IsBroken)
            Fault ??= "it has a header that ends too early";
    }

    private void ReadMain(ref NutCursor packet)
    {
        var version = packet.ReadNumber();
        if (version > 3)
        {
            Fault = $"its version is {version}, and 3 is known";
            return;
        }

        var streams = packet.ReadNumber();
        packet.ReadNumber(); // max_distance
        var count = packet.ReadNumber();
        if (streams != 1 || count is < 1 or > 16)
        {
            Fault = packet.IsShort ? null : $"it has {streams} streams and {count} time bases";
            return;
        }

        _timeBases.Clear();
        _hasStream = false; // it names one of those that were
        for (var i = 0; i < count; i++)
        {
            var (numerator, denominator) = (packet.ReadNumber(), packet.ReadNumber());
            if (numerator is < 1 or > int.MaxValue || denominator is < 1 or > int.MaxValue)
                Fault ??= "it has no time base";
            _timeBases.Add((numerator, denominator));
        }

        ReadCodes(ref packet);
        ReadElided(ref packet);
        _hasMain = !packet.IsShort && Fault is null;
    }

    private void ReadCodes(ref NutCursor packet)
    {
        var (time, multiplier, stream, header) = (0L, 1L, 0L, 0L);
        for (var i = 0; i < _codes.Length && !packet.IsShort && Fault is null;)
        {
            var flags = (NutFlags)packet.ReadNumber();
            var fields = packet.ReadNumber();
            if (fields > 0)
                time = packet.ReadSigned();
            if (fields > 1)
                multiplier = packet.ReadNumber();
            if (fields > 2)
                stream = packet.ReadNumber();
            var size = fields > 3 ? packet.ReadNumber() : 0;
            var reserved = fields > 4 ? packet.ReadNumber() : 0;
            var count = fields > 5 ? packet.ReadNumber() : multiplier - size;
            if (fields > 6)
                packet.ReadSigned(); // match_time_delta
            if (fields > 7)
                header = packet.ReadNumber();
            for (var j = 8L; j < fields && !packet.IsShort; j++)
                packet.ReadNumber();
            if (count is < 1 or > 256 || multiplier > MaxFrame || size is < 0 or > MaxFrame || header > 127 || reserved > MaxReserved)
                Fault = "its table of frames is damaged";
            for (var j = 0; j < count && i < _codes.Length && Fault is null; i++)
            {
                if (i == 'N')
                    _codes[i] = new(NutFlags.Invalid, 0, 1, 0, 0, 0, 0);
                else
                    _codes[i] = new(flags, time, multiplier, stream, size + j++, reserved, (int)header);
            }
        }
    }

    private void ReadElided(ref NutCursor packet)
    {
        var count = packet.ReadNumber();
        _elided.Clear();
        _elided.Add([]);
        for (var i = 0; i < count && i < 127 && !packet.IsShort; i++)
            _elided.Add(packet.ReadBytes() is { Length: <= MaxElision } bytes ? bytes.ToArray() : []);
    }

    private void ReadStream(ref NutCursor packet)
    {
        packet.ReadNumber(); // stream_id
        var kind = packet.ReadNumber();
        var codec = packet.ReadBytes();
        _timeBase = (int)Math.Min(packet.ReadNumber(), int.MaxValue);
        _timeBits = (int)Math.Min(packet.ReadNumber(), int.MaxValue);
        packet.ReadNumber(); // max_pts_distance
        packet.ReadNumber(); // decode_delay
        packet.ReadNumber(); // stream_flags
        var data = packet.ReadBytes();
        if (kind != 0 || codec.Length is < 2 or > 4 || _timeBase >= _timeBases.Count || _timeBits > 62)
            Fault = packet.IsShort ? null : "its stream is no video";
        Codec = Encoding.Latin1.GetString(codec);
        if (!data.SequenceEqual(CodecData))
            CodecData = data.ToArray();
        _hasStream = !packet.IsShort && Fault is null;
    }

    private void ReadSyncPoint(ref NutCursor packet)
    {
        var told = packet.ReadNumber();
        packet.ReadNumber(); // back_ptr
        var (numerator, denominator) = _timeBases[(int)(told % _timeBases.Count)];
        if (_timeBase < _timeBases.Count)
            _lastTime = (long)((Int128)(told / _timeBases.Count) * numerator * _timeBases[_timeBase].Denominator / ((Int128)denominator * _timeBases[_timeBase].Numerator));
    }

    private bool ReadFrame(scoped ref NutCursor cursor, out NutFrame frame, out ReadOnlySpan<byte> bytes)
    {
        frame = default;
        bytes = default;
        if (!_hasMain || !_hasStream)
        {
            Fault = "a frame comes before its headers";
            return false;
        }

        var code = _codes[cursor.ReadByte()];
        var (flags, size, header, reserved) = (code.Flags, code.Size, code.Header, code.Reserved);
        if (flags.HasFlag(NutFlags.Coded))
            flags ^= (NutFlags)cursor.ReadNumber();
        var stream = flags.HasFlag(NutFlags.Stream) ? cursor.ReadNumber() : code.Stream;
        var time = flags.HasFlag(NutFlags.CodedTime) ? FullTime(cursor.ReadNumber()) : _lastTime + code.TimeDelta;
        if (flags.HasFlag(NutFlags.Size))
            size += Math.Min(cursor.ReadNumber(), MaxFrame) * code.SizeMultiplier;
        if (flags.HasFlag(NutFlags.MatchTime))
            cursor.ReadSigned();
        if (flags.HasFlag(NutFlags.Header))
            header = (int)Math.Min(cursor.ReadNumber(), int.MaxValue);
        if (flags.HasFlag(NutFlags.Reserved))
            reserved = Math.Min(cursor.ReadNumber(), MaxReserved + 1);
        for (var i = 0L; i < reserved && !cursor.IsShort; i++)
            cursor.ReadNumber();
        if (flags.HasFlag(NutFlags.Checksum))
            cursor.Take(sizeof(uint));
        if (cursor.IsShort)
            return false;
        if ((flags & (NutFlags.Invalid | NutFlags.SideData)) != 0 || stream != 0 || header >= _elided.Count || size > MaxFrame || reserved > MaxReserved)
        {
            Fault = "it has a frame that cannot be read";
            return false;
        }

        var before = _elided[size > LargeSize ? 0 : header];
        if (before.Length > size)
        {
            Fault = "it has a frame shorter than its beginning";
            return false;
        }

        var at = cursor.Position;
        cursor.Take(size - before.Length);
        if (cursor.IsShort)
            return false;
        bytes = Whole(before, _start + at, (int)size - before.Length);
        _lastTime = time;
        frame = new(Span(time), flags.HasFlag(NutFlags.Key));
        return true;
    }

    /// <summary>The beginning that was left out is put where the frame's own header was, or, where that was shorter, in a buffer of its own.</summary>
    private ReadOnlySpan<byte> Whole(byte[] before, int at, int length)
    {
        if (before.Length == 0)
            return _buffer.AsSpan(at, length);
        if (at - _start < before.Length)
            return (byte[])[.. before, .. _buffer.AsSpan(at, length)];
        before.CopyTo(_buffer, at - before.Length);
        return _buffer.AsSpan(at - before.Length, before.Length + length);
    }

    /// <summary>A coded time is the lowest bits of the nearest, or, above them, all of it.</summary>
    private long FullTime(long coded)
    {
        if (coded >= 1L << _timeBits)
            return coded - (1L << _timeBits);
        var mask = (1L << _timeBits) - 1;
        var from = _lastTime - (mask / 2);
        return ((coded - from) & mask) + from;
    }

    private TimeSpan Span(long time)
    {
        var (numerator, denominator) = _timeBases[_timeBase];
        return new((long)Int128.Clamp((Int128)time * numerator * TimeSpan.TicksPerSecond / denominator, -MaxTicks, MaxTicks));
    }
}
