using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>
/// Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1): walks the packets reported on, those that came with
/// their arrival. <see cref="TryParse"/> walks once to the end, so that a walk by the user never breaks off.
/// </summary>
internal ref struct TransportFeedback
{
    private const int HeaderSize = 8;
    private const int NotReceived = 0, SmallDelta = 1, LargeDelta = 2;

    private ReadOnlySpan<byte> _chunks;
    private ReadOnlySpan<byte> _deltas;
    private ushort _nextNumber;
    private int _packetsLeft;
    private ushort _vector;
    private int _symbolBits;
    private int _symbolsLeft;
    private bool _isRun;
    private bool _isMalformed;

    private TransportFeedback(ReadOnlySpan<byte> content)
    {
        _nextNumber = BinaryPrimitives.ReadUInt16BigEndian(content);
        _packetsLeft = PacketCount = BinaryPrimitives.ReadUInt16BigEndian(content[2..]);
        ReferenceTime = TimeSpan.FromMilliseconds(64 * (BinaryPrimitives.ReadInt32BigEndian(content[4..]) >> 8)); // signed, 24 bits
        FeedbackNumber = content[7];
        _chunks = content[HeaderSize..];
        Arrival = ReferenceTime;
    }

    /// <summary>How many packets are reported on, lost ones included.</summary>
    public int PacketCount { get; }

    /// <summary>The receiver's clock, which begins anywhere and wraps.</summary>
    public TimeSpan ReferenceTime { get; }

    /// <summary>The feedback's own number: a gap is a lost feedback.</summary>
    public byte FeedbackNumber { get; }

    /// <summary>Transport-wide sequence number of the packet the walk is at.</summary>
    public SequenceNumber Number { get; private set; }

    public bool IsReceived { get; private set; }

    /// <summary>When it arrived on the receiver's clock; only where <see cref="IsReceived"/>.</summary>
    public TimeSpan Arrival { get; private set; }

    public static bool TryParse(RtcpPacketView packet, out TransportFeedback feedback)
    {
        feedback = default;
        if (!packet.IsFeedback(RtcpPacketType.TransportLayerFeedback, RtcpPacketView.TransportFeedbackFormat)
            || packet.FeedbackControlInformation.Length < HeaderSize)
            return false;
        var whole = new TransportFeedback(packet.FeedbackControlInformation);
        if (!whole.TryFindDeltas())
            return false;
        var trial = whole;
        while (trial.MoveNext())
        {
        }

        feedback = whole;
        return !trial._isMalformed;
    }

    public bool MoveNext()
    {
        if (_packetsLeft == 0)
            return false;
        if (_symbolsLeft == 0)
            NextChunk();
        var symbol = NextSymbol();
        var size = symbol switch { NotReceived => 0, SmallDelta => 1, LargeDelta => 2, _ => int.MaxValue };
        if (size > _deltas.Length)
        {
            _isMalformed = true;
            _packetsLeft = 0;
            return false;
        }

        _packetsLeft--;
        Number = new(_nextNumber++);
        IsReceived = size != 0;
        if (IsReceived)
        {
            var steps = size == 1 ? _deltas[0] : BinaryPrimitives.ReadInt16BigEndian(_deltas);
            Arrival += TimeSpan.FromTicks(steps * 2500L); // 250 us
            _deltas = _deltas[size..];
        }

        return true;
    }

    /// <summary>The receive deltas begin behind the chunk that covers the last packet.</summary>
    private bool TryFindDeltas()
    {
        var covered = 0;
        var rest = _chunks;
        while (covered < PacketCount)
        {
            if (rest.Length < 2)
                return false;
            var chunk = BinaryPrimitives.ReadUInt16BigEndian(rest);
            var symbols = (chunk & 0x8000) == 0 ? chunk & 0x1FFF : (chunk & 0x4000) == 0 ? 14 : 7;
            if (symbols == 0)
                return false; // a run of nothing: no sender makes it
            covered += symbols;
            rest = rest[2..];
        }

        _deltas = rest;
        return true;
    }

    private void NextChunk()
    {
        _vector = BinaryPrimitives.ReadUInt16BigEndian(_chunks);
        _chunks = _chunks[2..];
        _isRun = (_vector & 0x8000) == 0; // §3.1.3; else a status vector, §3.1.4
        _symbolBits = _isRun || (_vector & 0x4000) != 0 ? 2 : 1;
        _symbolsLeft = _isRun ? _vector & 0x1FFF : 14 / _symbolBits;
    }

    private int NextSymbol()
    {
        _symbolsLeft--;
        return _isRun
            ? (_vector >> 13) & 3
            : (_vector >> (_symbolsLeft * _symbolBits)) & ((1 << _symbolBits) - 1);
    }
}
