using System.Buffers;
using System.Runtime.InteropServices;

namespace EdgeCam.WebRtc.Primitives;

/// <summary>
/// One encoded picture in a pooled, reference-counted block: the only object that crosses a thread. Whoever calls <see cref="Retain"/>
/// calls <see cref="Dispose"/>. Its writer fills it before the first <see cref="Retain"/>; from then on it is read-only.
/// </summary>
public sealed class AccessUnit : IDisposable
{
    private readonly AccessUnitPool _pool;
    private readonly List<NalUnit> _nalUnits = new(8);
    private readonly List<RtpPayload> _payloads = new(32);
    private byte[] _block;
    private int _references;

    internal AccessUnit(AccessUnitPool pool, byte[] block)
    {
        _pool = pool;
        _block = block;
    }

    /// <summary>When the sensor took the picture, on the monotonic clock.</summary>
    public Instant CaptureTime { get; set; }

    /// <summary>The picture's number in its stream, from 0, without gaps.</summary>
    public long Number { get; set; }

    /// <summary>An IDR picture: decoding can begin here; SPS and PPS are in front of it.</summary>
    public bool IsIdr { get; set; }

    /// <summary>All bytes: NAL units without start codes, then what the packetizer added.</summary>
    public ReadOnlySpan<byte> Block => _block.AsSpan(0, Length);

    public int Length { get; private set; }

    public ReadOnlySpan<NalUnit> NalUnits => CollectionsMarshal.AsSpan(_nalUnits);

    /// <summary>The RTP payloads in order, shared by all viewers; filled once by the packetizer.</summary>
    public ReadOnlySpan<RtpPayload> Payloads => CollectionsMarshal.AsSpan(_payloads);

    /// <summary>Bytes of all payloads together.</summary>
    public int PayloadBytes { get; private set; }

    internal byte[] Buffer => _block;

    public AccessUnit Retain()
    {
        Interlocked.Increment(ref _references);
        return this;
    }

    public void Dispose()
    {
        var left = Interlocked.Decrement(ref _references);
        ObjectDisposedException.ThrowIf(left < 0, this);
        if (left == 0)
            _pool.Return(this);
    }

    /// <summary>Appends a NAL unit without its start code.</summary>
    public void AddNalUnit(ReadOnlySpan<byte> nalUnit) => _nalUnits.Add(new(Append(nalUnit), nalUnit.Length));

    /// <summary>Appends bytes that belong to no NAL unit (a STAP-A) and returns their offset.</summary>
    public int Append(ReadOnlySpan<byte> bytes)
    {
        var offset = Length;
        if (offset + bytes.Length > _block.Length)
            _block = AccessUnitPool.Grow(_block, offset, offset + bytes.Length);
        bytes.CopyTo(_block.AsSpan(offset));
        Length += bytes.Length;
        return offset;
    }

    public void AddPayload(RtpPayload payload)
    {
        _payloads.Add(payload);
        PayloadBytes += payload.Size;
    }

    /// <summary>
    /// Gives a block back that was far too large for this picture: IDR pictures are some ten times as large as others, and each unit carries
    /// one now and then. Otherwise every unit would end up with a block for the largest.
    /// </summary>
    internal void Trim(int smallest)
    {
        if (_block.Length <= smallest || Length > _block.Length / 4)
            return;
        ArrayPool<byte>.Shared.Return(_block);
        _block = ArrayPool<byte>.Shared.Rent(smallest);
    }

    internal void Reset()
    {
        _references = 1;
        _nalUnits.Clear();
        _payloads.Clear();
        Length = 0;
        PayloadBytes = 0;
        Number = 0;
        IsIdr = false;
        CaptureTime = default;
    }
}
