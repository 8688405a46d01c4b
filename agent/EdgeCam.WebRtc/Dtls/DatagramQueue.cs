namespace EdgeCam.WebRtc.Dtls;

/// <summary>Datagrams in order, with their boundaries. Buffers are made when first needed and kept until <see cref="Release"/>.</summary>
internal sealed class DatagramQueue(int capacity, int maxDatagram)
{
    private readonly byte[]?[] _buffers = new byte[]?[capacity];
    private readonly int[] _lengths = new int[capacity];
    private int _first;
    private bool _isToRelease;

    public int Count { get; private set; }

    public bool IsFull => Count == capacity;

    /// <summary>Datagrams refused: too long, or the queue was full.</summary>
    public long Dropped { get; private set; }

    /// <summary>Bound: the capacity. Policy: the newest is dropped, as on a full link; the layers above repeat what they need.</summary>
    public void Offer(ReadOnlySpan<byte> datagram)
    {
        if (IsFull || datagram.Length > maxDatagram)
        {
            Dropped++;
            return;
        }

        var last = (_first + Count) % capacity;
        var buffer = _buffers[last] ??= new byte[maxDatagram];
        datagram.CopyTo(buffer);
        _lengths[last] = datagram.Length;
        Count++;
    }

    public bool TryTake(Span<byte> destination, out int length)
    {
        if (Count == 0)
        {
            length = 0;
            return false;
        }

        length = _lengths[_first];
        _buffers[_first].AsSpan(0, length).CopyTo(destination);
        Count--;
        _first = Count == 0 ? 0 : (_first + 1) % capacity; // an idle queue starts over, so that a quiet one keeps few buffers
        if (Count == 0 && _isToRelease)
        {
            Array.Clear(_buffers);
            _isToRelease = false;
        }

        return true;
    }

    /// <summary>Lets go of the buffers once it is empty: a handshake needed more of them than what follows.</summary>
    public void Release()
    {
        _isToRelease = Count > 0;
        if (Count == 0)
            Array.Clear(_buffers);
    }
}
