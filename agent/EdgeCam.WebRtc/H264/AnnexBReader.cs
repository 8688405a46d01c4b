using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.H264;

/// <summary>
/// Splits an Annex B byte stream (H.264 Annex B) that comes in chunks of any size into NAL units.
/// </summary>
/// <remarks>
/// <para>Annex B marks where a NAL unit begins, never where it ends: the last slice of a picture is known to be complete only when the next
/// picture's start code comes, a whole frame interval later. To send a picture when it is there, its source calls <see cref="Flush"/>
/// once the pipe has been idle: rpicam-vid writes a picture at once, so with a pipe as large as a picture (F_SETPIPE_SZ, 1 MiB) nothing
/// follows within 2 ms unless it is the next picture. Then it drains the reader and calls <see cref="AccessUnitAssembler.Flush"/>.</para>
/// <para>A flush in the middle of a NAL unit cuts it: the rest is skipped and counted in <see cref="PrematureFlushes"/>. A source that sees
/// that number rise waits longer before it flushes and asks its encoder for an IDR picture. A source that knows where pictures end
/// (V4L2 buffers, RTP markers) needs no idle time: it flushes there.</para>
/// </remarks>
public sealed class AnnexBReader
{
    /// <summary>The largest NAL unit that is kept. A level 5.1 IDR picture at its highest quality stays below it.</summary>
    public const int MaxNalUnitSize = 4 * 1024 * 1024;

    private const int FirstBuffer = 128 * 1024;

    private byte[] _buffer = new byte[FirstBuffer];
    private int _start; // of the NAL unit that is being collected, or of what has not been searched yet
    private int _scan;  // before this no start code begins
    private int _end;
    private bool _isInside;
    private bool _flushRequested;
    private bool _isFlushed;
    private Instant _chunkArrival;
    private Instant _nalUnitArrival;

    /// <summary>When the start code of the NAL unit last read had arrived.</summary>
    public Instant Arrival { get; private set; }

    /// <summary>Bytes that belong to no NAL unit: before the first start code, or after a flush that came too early.</summary>
    public long SkippedBytes { get; private set; }

    /// <summary>Flushes that cut a NAL unit in two.</summary>
    public long PrematureFlushes { get; private set; }

    /// <summary>NAL units that were too large and left out.</summary>
    public long OversizedNalUnits { get; private set; }

    /// <summary>A NAL unit has begun that only <see cref="Flush"/> or the next start code ends.</summary>
    public bool IsOpen => _isInside && TrimZeros(_end) > _start;

    /// <summary>Where to read the next bytes into, so that they are not copied; at least <paramref name="sizeHint"/> long.</summary>
    /// <remarks>Makes the span of the last <see cref="TryReadNalUnit"/> invalid.</remarks>
    public Memory<byte> GetMemory(int sizeHint = 16 * 1024)
    {
        if (_buffer.Length - _end < sizeHint)
            MakeRoom(sizeHint);
        return _buffer.AsMemory(_end);
    }

    /// <summary>Says how many bytes of <see cref="GetMemory"/> were filled, and when.</summary>
    public void Advance(int count, Instant now = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_buffer.Length - _end));
        _end += count;
        _chunkArrival = now;
        _flushRequested &= count == 0;
    }

    /// <summary>Takes a copy of the bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes, Instant now = default)
    {
        bytes.CopyTo(GetMemory(bytes.Length).Span);
        Advance(bytes.Length, now);
    }

    /// <summary>The bytes so far end a NAL unit: the next <see cref="TryReadNalUnit"/> gives it out without waiting for a start code.</summary>
    public void Flush() => _flushRequested = true;

    /// <summary>The next NAL unit, without its start code and trailing zeros; valid until the next append.</summary>
    public bool TryReadNalUnit(out ReadOnlySpan<byte> nalUnit)
    {
        while (_isInside || TryEnter())
        {
            var next = FindStartCode();
            if (next < 0 && !_flushRequested)
                break;
            var end = TrimZeros(next < 0 ? _end : next);
            if (next < 0 && end == _start)
                break; // a start code and nothing after it: nothing to flush

            nalUnit = _buffer.AsSpan(_start, end - _start);
            Arrival = _nalUnitArrival;
            if (next < 0)
                Leave(end);
            else
                Enter(next);
            if (nalUnit.Length > MaxNalUnitSize)
                OversizedNalUnits++;
            else if (nalUnit.Length > 0)
                return true;
        }

        _flushRequested = false;
        if (_isInside && _end - _start > MaxNalUnitSize)
        {
            OversizedNalUnits++;
            SkippedBytes += _scan - _start;
            _isInside = false;
            _start = _scan;
        }

        nalUnit = default;
        return false;
    }

    private void Enter(int startCode)
    {
        _start = _scan = startCode + 3;
        _isInside = true;
        _nalUnitArrival = _chunkArrival;
    }

    private void Leave(int end)
    {
        _start = _scan = end; // zeros after it may belong to the next start code
        _isInside = false;
        _isFlushed = true;
        _flushRequested = false;
    }

    private bool TryEnter()
    {
        var found = FindStartCode();
        var end = found < 0 ? _scan : found;
        if (_buffer.AsSpan(_start, end - _start).ContainsAnyExcept((byte)0))
        {
            SkippedBytes += end - _start;
            PrematureFlushes += _isFlushed ? 1 : 0;
            _isFlushed = false;
        }

        _start = end;
        if (found < 0)
            return false;
        _isFlushed = false;
        Enter(found);
        return true;
    }

    /// <summary>Where 00 00 01 begins, or -1; a fourth byte 00 before it is a trailing zero of what precedes it (H.264 §B.1.1).</summary>
    private int FindStartCode()
    {
        var at = _buffer.AsSpan(_scan, _end - _scan).IndexOf([(byte)0, (byte)0, (byte)1]);
        if (at >= 0)
            return _scan + at;
        _scan = Math.Max(_scan, _end - 2); // the last two bytes may begin one
        return -1;
    }

    private int TrimZeros(int end) => _start + _buffer.AsSpan(_start, end - _start).TrimEnd((byte)0).Length;

    private void MakeRoom(int sizeHint)
    {
        var pending = _end - _start;
        var target = _buffer;
        if (target.Length - pending < sizeHint)
            target = new byte[Math.Max(pending + sizeHint, _buffer.Length * 2)]; // pending is bounded by MaxNalUnitSize once drained
        _buffer.AsSpan(_start, pending).CopyTo(target);
        _buffer = target;
        _scan -= _start;
        _end = pending;
        _start = 0;
    }
}
