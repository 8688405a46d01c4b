using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Ice;

/// <summary>Responses that wait to be sent, in storage of a fixed size. Policy: the oldest goes when it is full; its peer asks again.</summary>
internal sealed class ResponseQueue
{
    /// <summary>A success response with an IPv6 address has 76 bytes, a 420 with four attributes 72.</summary>
    public const int MaxResponseSize = 96;

    private const int Capacity = 16;

    private readonly byte[] _bytes = new byte[Capacity * MaxResponseSize];
    private readonly (NetworkPath Path, int Length)[] _entries = new (NetworkPath, int)[Capacity];
    private int _first;
    private int _count;

    public bool IsEmpty => _count == 0;

    /// <summary>How many were dropped because the queue was full.</summary>
    public long Dropped { get; private set; }

    public void Offer(ReadOnlySpan<byte> response, NetworkPath path)
    {
        if (_count == Capacity)
        {
            _first = (_first + 1) % Capacity;
            _count--;
            Dropped++;
        }

        var slot = (_first + _count++) % Capacity;
        response.CopyTo(_bytes.AsSpan(slot * MaxResponseSize, MaxResponseSize));
        _entries[slot] = (path, response.Length);
    }

    public bool TryTransmit(Span<byte> buffer, out Transmit transmit)
    {
        transmit = default;
        if (_count == 0)
            return false;

        var (path, length) = _entries[_first];
        _bytes.AsSpan(_first * MaxResponseSize, length).CopyTo(buffer);
        transmit = new(path, length, length);
        _first = (_first + 1) % Capacity;
        _count--;
        return true;
    }
}
