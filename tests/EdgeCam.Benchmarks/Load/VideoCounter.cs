using System.Buffers.Binary;
using EdgeCam.Benchmarks.Feed;

namespace EdgeCam.Benchmarks.Load;

/// <summary>Puts a viewer's packets in order, counts whole pictures, and says when the last packet of each arrived. It decodes nothing.</summary>
internal sealed class VideoCounter
{
    private const int Window = 4096; // sequence numbers that may be out of order

    private readonly Slot[] _slots = new Slot[Window];
    private long _next = -1, _highest = -1;
    private long _first = long.MaxValue, _last; // of the packets of the picture that is collected
    private int _counter = -1;
    private bool _isIdr;

    public uint Ssrc { get; private set; }

    public long Packets { get; private set; }

    public long Bytes { get; private set; }

    public long Pictures { get; private set; }

    public long IdrPictures { get; private set; }

    /// <summary>Packets that were never there when the window had gone on.</summary>
    public long Lost { get; private set; }

    /// <summary>Packets that came again.</summary>
    public long Repaired { get; private set; }

    /// <summary>A whole picture: its number of <see cref="PictureFeed"/>, or -1, and when the first and the last of its packets arrived.</summary>
    public Action<int, long, long>? Completed { get; set; }

    /// <param name="packet">Decrypted RTP.</param>
    public void Add(ReadOnlySpan<byte> packet, bool isRtx, long arrivedAt)
    {
        var header = 12 + ((packet[0] & 15) * 4);
        if ((packet[0] & 0x10) != 0)
            header += 4 + (BinaryPrimitives.ReadUInt16BigEndian(packet[(header + 2)..]) * 4);
        var payload = packet[header..];
        if ((packet[0] & 0x20) != 0)
            payload = payload[..^packet[^1]];
        var sequence = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        if (isRtx)
        {
            if (payload.Length < 3)
                return; // padding
            sequence = BinaryPrimitives.ReadUInt16BigEndian(payload);
            payload = payload[2..];
        }
        else
        {
            Ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        }

        if (payload.Length < 2)
            return;
        Packets++;
        Bytes += packet.Length;
        var index = _highest < 0 ? sequence : _highest + (short)(sequence - (ushort)_highest);
        if (_next < 0)
            _next = index;
        ref var slot = ref _slots[index & (Window - 1)];
        if (index < _next || slot.Index == index + 1)
            return; // there already
        Repaired += isRtx ? 1 : 0;
        slot = new(index + 1, arrivedAt, packet[1] >= 128, IsIdr(payload), PictureMark.Read(payload));
        _highest = Math.Max(_highest, index);
        while (_highest - _next >= Window / 2 && _slots[_next & (Window - 1)].Index != _next + 1)
            Skip();
        Collect();
    }

    /// <summary>Sequence numbers below the highest that are missing, at most as many as fit.</summary>
    public int Missing(Span<ushort> missing)
    {
        var count = 0;
        for (var index = _next; index >= 0 && index < _highest && count < missing.Length; index++)
        {
            if (_slots[index & (Window - 1)].Index != index + 1)
                missing[count++] = (ushort)index;
        }

        return count;
    }

    private void Skip()
    {
        Lost++;
        _next++;
        _counter = -1;
    }

    private void Collect()
    {
        while (_slots[_next & (Window - 1)] is var slot && slot.Index == _next + 1)
        {
            _next++;
            (_first, _last) = (Math.Min(_first, slot.ArrivedAt), Math.Max(_last, slot.ArrivedAt));
            _isIdr |= slot.IsIdr;
            _counter = Math.Max(_counter, slot.Mark);
            if (!slot.IsLast)
                continue;
            Pictures++;
            IdrPictures += _isIdr ? 1 : 0;
            Completed?.Invoke(_counter, _first, _last);
            (_first, _last, _isIdr, _counter) = (long.MaxValue, 0, false, -1);
        }
    }

    /// <summary>A slice of an IDR picture, whole or as a fragment (RFC 6184 §5.6, §5.8).</summary>
    private static bool IsIdr(ReadOnlySpan<byte> payload) => (payload[0] & 31) == 5 || ((payload[0] & 31) == 28 && (payload[1] & 31) == 5);

    private readonly record struct Slot(long Index, long ArrivedAt, bool IsLast, bool IsIdr, int Mark);
}
