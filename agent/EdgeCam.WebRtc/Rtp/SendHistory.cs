using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>
/// Ring of what was sent, from which a NACK is answered. Payload bytes stay in the shared access units: a frame costs one reference,
/// which goes back when the frame leaves. Policy: the oldest frame leaves where packets, bytes, frames or age pass their bound.
/// </summary>
internal sealed class SendHistory : IDisposable
{
    public const int MaxPackets = 2048;
    public const int MaxFrames = 256;

    /// <summary>How many packets back something is looked for that may be sent again as padding.</summary>
    public const int LookBack = 48;

    /// <summary>Somewhat less than so many packets of full size hold: where a path is fast, it is this that bounds memory.</summary>
    public const int MaxBytes = 2 * 1024 * 1024;

    /// <summary>A picture that late is of no use: the viewer has asked for an IDR picture long before.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(3);

    private readonly SentPacket[] _packets = new SentPacket[MaxPackets]; // by sequence number modulo 2048
    private readonly SentFrame[] _frames = new SentFrame[MaxFrames];
    private int _oldest;
    private int _frameCount;
    private bool _isFrameOpen;

    public int Packets { get; private set; }

    public int Bytes { get; private set; }

    public int Frames => _frameCount;

    /// <summary>Begins a frame, whose packets follow. Retains the unit.</summary>
    public void BeginFrame(AccessUnit unit, RtpTimestamp timestamp, RtpExtensions extensions, SequenceNumber first, Instant now)
    {
        Expire(now);
        if (_frameCount == MaxFrames)
            EvictOldest();
        _isFrameOpen = true;
        _frames[(_oldest + _frameCount++) % MaxFrames] = new()
        {
            Unit = unit.Retain(),
            Timestamp = timestamp,
            Extensions = extensions,
            FirstSequenceNumber = first,
            SentAt = now,
        };
    }

    /// <summary>Adds packets of the frame begun last that left together: their numbers follow each other, as their payloads do.</summary>
    public void Add(SequenceNumber first, ushort firstTransport, int firstPayload, int count, Instant now)
    {
        var slot = (_oldest + _frameCount - 1) % MaxFrames;
        ref var frame = ref _frames[slot];
        var payloads = frame.Unit!.Payloads.Slice(firstPayload, count);
        var number = first;
        for (var i = 0; i < payloads.Length; i++)
        {
            var size = payloads[i].Size;
            while ((Packets == MaxPackets || Bytes + size > MaxBytes) && _frameCount > 1)
                EvictOldest();
            if (Packets == MaxPackets || Bytes + size > MaxBytes)
                break; // one frame larger than the whole history: its end is not remembered
            Packets++;
            Bytes += size;
            frame.Packets++;
            frame.Bytes += size;
            frame.SentAt = now;
            _packets[number.Value % MaxPackets] = new()
            {
                SequenceNumber = number,
                TransportSequenceNumber = (ushort)(firstTransport + i),
                PayloadIndex = (ushort)(firstPayload + i),
                FirstSent = now,
                FrameSlot = (byte)slot,
            };
            number = number.Next;
        }
    }

    /// <summary>All packets of the frame were added; until then it stays, however old.</summary>
    public void EndFrame() => _isFrameOpen = false;

    /// <summary>Where the packet is remembered, for <see cref="PacketAt"/>, or -1.</summary>
    public int Find(SequenceNumber sequenceNumber)
    {
        var index = sequenceNumber.Value % MaxPackets;
        return _packets[index].SequenceNumber == sequenceNumber && _frames[_packets[index].FrameSlot].Has(sequenceNumber) ? index : -1;
    }

    /// <summary>The largest of the packets sent last, as <see cref="Find"/> gives it.</summary>
    public int FindLargest(SequenceNumber next)
    {
        int largest = -1, size = 0;
        for (var back = 1; back <= LookBack; back++)
        {
            var index = Find(new((ushort)(next.Value - back)));
            if (index < 0 || PayloadOf(_packets[index]).Size <= size)
                continue;
            (largest, size) = (index, PayloadOf(_packets[index]).Size);
        }

        return largest;
    }

    public RtpPayload PayloadOf(in SentPacket packet) => _frames[packet.FrameSlot].Unit!.Payloads[packet.PayloadIndex];

    public ref SentPacket PacketAt(int index) => ref _packets[index];

    public ref readonly SentFrame FrameOf(in SentPacket packet) => ref _frames[packet.FrameSlot];

    /// <summary>Lets go of frames that are too old.</summary>
    public void Expire(Instant now)
    {
        while (_frameCount > (_isFrameOpen ? 1 : 0) && now - _frames[_oldest].SentAt > MaxAge)
            EvictOldest();
    }

    public void Dispose()
    {
        while (_frameCount > 0)
            EvictOldest();
    }

    private void EvictOldest()
    {
        ref var frame = ref _frames[_oldest];
        Packets -= frame.Packets;
        Bytes -= frame.Bytes;
        frame.Unit!.Dispose();
        frame = default;
        _oldest = (_oldest + 1) % MaxFrames;
        _frameCount--;
    }
}
