using System.Buffers.Binary;
using System.Text;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>
/// Writes RTP headers with one-byte header extensions (RFC 8285 §4.2): MID (RFC 9143), abs-send-time, transport-wide sequence number,
/// playout-delay and abs-capture-time, as far as they were negotiated.
/// </summary>
/// <remarks>
/// Left out: CSRCs, padding, two-byte extension headers, the clock offset of abs-capture-time. Elements have
/// <see cref="RtpLimits.MaxExtensionSize"/> less four bytes of room: a MID of more than three characters displaces abs-capture-time, one of
/// more than twelve playout-delay also.
/// </remarks>
internal sealed class RtpHeaderWriter
{
    private const ushort OneByteProfile = 0xBEDE; // RFC 8285 §4.2
    private const int ProfileSize = 4;
    private const int MaxElements = RtpLimits.MaxExtensionSize - ProfileSize;
    private const int MaxMid = 16; // what a one-byte element can carry

    private readonly RtpExtensionIds _ids;
    private readonly byte[] _mid;
    private int _playoutDelay;

    public RtpHeaderWriter(RtpExtensionIds ids, string mid = "", PlayoutDelay? playoutDelay = null)
    {
        _ids = ids;
        _mid = Encoding.ASCII.GetBytes(mid);
        _playoutDelay = playoutDelay?.ToBits() ?? 0;

        var left = MaxElements; // in order of importance
        Allow(RtpExtensions.TransportSequenceNumber, ids.TransportSequenceNumber != 0, ref left);
        Allow(RtpExtensions.AbsSendTime, ids.AbsSendTime != 0, ref left);
        Allow(RtpExtensions.Mid, ids.Mid != 0 && _mid.Length is > 0 and <= MaxMid, ref left);
        Allow(RtpExtensions.PlayoutDelay, ids.PlayoutDelay != 0 && playoutDelay is not null, ref left);
        Allow(RtpExtensions.AbsCaptureTime, ids.AbsCaptureTime != 0, ref left);
    }

    /// <summary>Those that were negotiated and fit.</summary>
    public RtpExtensions Available { get; private set; }

    /// <summary>Where playout-delay is available.</summary>
    /// <returns>True where it is another one than before.</returns>
    public bool SetPlayoutDelay(PlayoutDelay delay)
    {
        var isNew = delay.ToBits() != _playoutDelay;
        _playoutDelay = delay.ToBits();
        return isNew;
    }

    /// <summary>Header size with these extensions, all of them available.</summary>
    public int SizeOf(RtpExtensions extensions)
    {
        if (extensions == RtpExtensions.None)
            return RtpLimits.HeaderSize;
        var elements = 0;
        for (var one = 1; one <= (int)RtpExtensions.AbsCaptureTime; one <<= 1)
            elements += (extensions & (RtpExtensions)one) != 0 ? ElementSize((RtpExtensions)one) : 0;
        return RtpLimits.HeaderSize + ProfileSize + ((elements + 3) & ~3);
    }

    /// <summary>Writes <see cref="SizeOf"/> bytes.</summary>
    public void Write(Span<byte> destination, in RtpHeader header, RtpExtensions extensions)
    {
        destination[0] = (byte)(0x80 | (extensions == RtpExtensions.None ? 0 : 0x10)); // V=2, X
        destination[1] = (byte)((header.Marker ? 0x80 : 0) | header.PayloadType);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], header.SequenceNumber.Value);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], header.Timestamp.Value);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], header.Ssrc.Value);
        if (extensions == RtpExtensions.None)
            return;

        var size = SizeOf(extensions);
        var words = (size - RtpLimits.HeaderSize - ProfileSize) / 4;
        BinaryPrimitives.WriteUInt16BigEndian(destination[12..], OneByteProfile);
        BinaryPrimitives.WriteUInt16BigEndian(destination[14..], (ushort)words);
        var elements = destination[16..size];
        if ((extensions & RtpExtensions.Mid) != 0)
            _mid.CopyTo(Begin(ref elements, _ids.Mid, _mid.Length));
        if ((extensions & RtpExtensions.AbsSendTime) != 0)
            WriteUInt24(Begin(ref elements, _ids.AbsSendTime, 3), (int)(header.SendTime.Value >> 14) & 0xFFFFFF); // 6.18 fixed-point seconds
        if ((extensions & RtpExtensions.TransportSequenceNumber) != 0)
            BinaryPrimitives.WriteUInt16BigEndian(Begin(ref elements, _ids.TransportSequenceNumber, 2), header.TransportSequenceNumber);
        if ((extensions & RtpExtensions.PlayoutDelay) != 0)
            WriteUInt24(Begin(ref elements, _ids.PlayoutDelay, 3), _playoutDelay);
        if ((extensions & RtpExtensions.AbsCaptureTime) != 0)
            BinaryPrimitives.WriteUInt64BigEndian(Begin(ref elements, _ids.AbsCaptureTime, 8), header.CaptureTime.Value);
        elements.Clear(); // padding
    }

    /// <summary>Writes the header of a frame's next packet, sent at the same moment: one of its packets before has the same but for what is given here.</summary>
    /// <param name="previous">The header of that one, as <see cref="Write"/> wrote it.</param>
    public void WriteNext(Span<byte> destination, ReadOnlySpan<byte> previous, bool marker, SequenceNumber sequenceNumber, ushort transportSequenceNumber, RtpExtensions extensions)
    {
        previous.CopyTo(destination);
        destination[1] = (byte)((destination[1] & 0x7F) | (marker ? 0x80 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], sequenceNumber.Value);
        if ((extensions & RtpExtensions.TransportSequenceNumber) == 0)
            return;
        var before = ((extensions & RtpExtensions.Mid) != 0 ? 1 + _mid.Length : 0) + ((extensions & RtpExtensions.AbsSendTime) != 0 ? 4 : 0);
        BinaryPrimitives.WriteUInt16BigEndian(destination[(RtpLimits.HeaderSize + ProfileSize + before + 1)..], transportSequenceNumber);
    }

    private static Span<byte> Begin(ref Span<byte> elements, byte id, int length)
    {
        elements[0] = (byte)((id << 4) | (length - 1));
        var data = elements.Slice(1, length);
        elements = elements[(1 + length)..];
        return data;
    }

    private static void WriteUInt24(Span<byte> destination, int value)
    {
        destination[0] = (byte)(value >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(destination[1..], (ushort)value);
    }

    private void Allow(RtpExtensions extension, bool isNegotiated, ref int left)
    {
        var size = ElementSize(extension);
        if (!isNegotiated || size > left)
            return;
        left -= size;
        Available |= extension;
    }

    private int ElementSize(RtpExtensions extension) => extension switch
    {
        RtpExtensions.Mid => 1 + _mid.Length,
        RtpExtensions.AbsSendTime or RtpExtensions.PlayoutDelay => 4,
        RtpExtensions.TransportSequenceNumber => 3,
        _ => 9,
    };
}
