using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>A frame that packets of the history belong to; it holds one reference to the access unit.</summary>
internal struct SentFrame
{
    public AccessUnit? Unit;
    public RtpTimestamp Timestamp;
    public RtpExtensions Extensions;
    public SequenceNumber FirstSequenceNumber;
    public int Packets;
    public int Bytes;
    public Instant SentAt;

    /// <summary>Whether it is remembered, and that packet one of its.</summary>
    public readonly bool Has(SequenceNumber sequenceNumber) => (ushort)(sequenceNumber.Value - FirstSequenceNumber.Value) < Packets;
}
