using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Turn;

/// <summary>
/// Datagrams for peers without a channel, which wait for their permission and go as Send indications. Bound: 64 datagrams; policy: the
/// oldest goes when it is full, and its sender repeats it: ICE, DTLS and SCTP do.
/// </summary>
internal sealed class IndicationQueue
{
    private const int Capacity = 64;
    private const int MaxDatagram = 1500;

    private readonly List<(TurnPeer Peer, byte[] Data, int Length)> _waiting = new(Capacity);
    private readonly Stack<byte[]> _free = new(Capacity);

    /// <summary>How many were dropped because the queue was full, or because they were too long.</summary>
    public long Dropped { get; private set; }

    public void Offer(TurnPeer peer, ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length > MaxDatagram)
        {
            Dropped++;
            return;
        }

        if (_waiting.Count == Capacity)
        {
            Dropped++;
            RemoveAt(0);
        }

        if (!_free.TryPop(out var data))
            data = new byte[MaxDatagram];
        datagram.CopyTo(data);
        _waiting.Add((peer, data, datagram.Length));
    }

    /// <summary>The oldest whose peer has its permission. Its bytes are valid until the next call.</summary>
    public bool TryTake(Instant now, out TransportAddress peer, out ReadOnlySpan<byte> datagram)
    {
        for (var i = 0; i < _waiting.Count; i++)
        {
            var (receiver, data, length) = _waiting[i];
            if (!receiver.Permission.IsInstalled(now))
                continue;
            RemoveAt(i);
            peer = receiver.Address;
            datagram = data.AsSpan(0, length);
            return true;
        }

        peer = default;
        datagram = default;
        return false;
    }

    /// <summary>Nothing for this address will be allowed.</summary>
    public void Remove(TurnPermission permission)
    {
        for (var i = _waiting.Count - 1; i >= 0; i--)
        {
            if (_waiting[i].Peer.Permission != permission)
                continue;
            Dropped++;
            RemoveAt(i);
        }
    }

    private void RemoveAt(int index)
    {
        _free.Push(_waiting[index].Data);
        _waiting.RemoveAt(index);
    }
}
