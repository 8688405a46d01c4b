using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>Generic NACK (RFC 4585 §6.2.1): walks the sequence numbers that the receiver misses.</summary>
internal ref struct GenericNack
{
    private const int EntrySize = 4; // PID, BLP

    private ReadOnlySpan<byte> _entries;
    private ushort _packetId;
    private int _mask; // bit 0: the PID itself; bit i: PID + i

    private GenericNack(ReadOnlySpan<byte> entries) => _entries = entries;

    public SequenceNumber Current { get; private set; }

    public static bool TryParse(RtcpPacketView packet, out GenericNack nack)
    {
        nack = default;
        if (!packet.IsFeedback(RtcpPacketType.TransportLayerFeedback, RtcpPacketView.NackFormat)
            || packet.FeedbackControlInformation.Length < EntrySize)
            return false;
        nack = new(packet.FeedbackControlInformation);
        return true;
    }

    public readonly GenericNack GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_mask == 0)
        {
            if (_entries.Length < EntrySize)
                return false;
            _packetId = BinaryPrimitives.ReadUInt16BigEndian(_entries);
            _mask = (BinaryPrimitives.ReadUInt16BigEndian(_entries[2..]) << 1) | 1;
            _entries = _entries[EntrySize..];
        }

        Current = new((ushort)(_packetId + int.TrailingZeroCount(_mask)));
        _mask &= _mask - 1;
        return true;
    }
}
