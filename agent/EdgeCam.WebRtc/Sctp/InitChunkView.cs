using System.Buffers.Binary;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>INIT and INIT ACK where they lie (RFC 9260 §3.3.2, §3.3.3).</summary>
internal readonly ref struct InitChunkView(ReadOnlySpan<byte> value)
{
    public const int FixedSize = 16;

    private readonly ReadOnlySpan<byte> _value = value;

    public uint InitiateTag => BinaryPrimitives.ReadUInt32BigEndian(_value);

    /// <summary>a_rwnd.</summary>
    public uint ReceiverWindow => BinaryPrimitives.ReadUInt32BigEndian(_value[4..]);

    public ushort OutboundStreams => BinaryPrimitives.ReadUInt16BigEndian(_value[8..]);

    public ushort InboundStreams => BinaryPrimitives.ReadUInt16BigEndian(_value[10..]);

    public Tsn InitialTsn => new(BinaryPrimitives.ReadUInt32BigEndian(_value[12..]));

    public ParameterEnumerator Parameters => new(_value[FixedSize..]);

    /// <summary>Neither the tag nor a number of streams may be zero (§3.3.2).</summary>
    public static bool IsValid(ReadOnlySpan<byte> value)
    {
        if (value.Length < FixedSize)
            return false;
        var view = new InitChunkView(value);
        return view.InitiateTag != 0 && view.OutboundStreams != 0 && view.InboundStreams != 0;
    }

    public static void WriteFixed(Span<byte> value, uint tag, uint window, ushort streams, Tsn initialTsn)
    {
        BinaryPrimitives.WriteUInt32BigEndian(value, tag);
        BinaryPrimitives.WriteUInt32BigEndian(value[4..], window);
        BinaryPrimitives.WriteUInt16BigEndian(value[8..], streams);
        BinaryPrimitives.WriteUInt16BigEndian(value[10..], streams);
        BinaryPrimitives.WriteUInt32BigEndian(value[12..], initialTsn.Value);
    }
}
