namespace EdgeCam.WebRtc.Rtp;

/// <summary>The report blocks of a receiver report, or of a sender report, which has the same behind its sender information (RFC 3550 §6.4).</summary>
internal readonly ref struct ReceiverReport
{
    private const int SenderSize = 4, SenderInformationSize = 20;

    private readonly ReadOnlySpan<byte> _blocks;

    private ReceiverReport(ReadOnlySpan<byte> blocks) => _blocks = blocks;

    public int Count => _blocks.Length / ReportBlock.Size;

    public ReportBlock this[int index] => ReportBlock.Read(_blocks[(index * ReportBlock.Size)..]);

    public static bool TryParse(RtcpPacketView packet, out ReceiverReport report)
    {
        report = default;
        if (packet.Type is not (RtcpPacketType.SenderReport or RtcpPacketType.ReceiverReport))
            return false;
        var start = SenderSize + (packet.Type == RtcpPacketType.SenderReport ? SenderInformationSize : 0);
        var size = packet.Count * ReportBlock.Size;
        if (packet.Body.Length < start + size)
            return false;
        report = new(packet.Body.Slice(start, size)); // what follows is a profile's extension
        return true;
    }
}
