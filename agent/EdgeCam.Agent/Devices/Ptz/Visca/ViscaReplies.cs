namespace EdgeCam.Agent.Devices.Ptz.Visca;

/// <summary>Cuts what comes from the line into packets, in whatever pieces it comes: each ends with FF.</summary>
/// <remarks>Bound: 16 bytes, the longest that a packet may be; what is longer is passed over up to its FF.</remarks>
internal sealed class ViscaReplies
{
    private const int MaxPacket = 16;

    private readonly byte[] _bytes = new byte[MaxPacket];
    private int _count;
    private bool _isTooLong;

    public delegate void PacketHandler(ReadOnlySpan<byte> packet);

    public void Clear() => (_count, _isTooLong) = (0, false);

    public void Append(ReadOnlySpan<byte> bytes, PacketHandler handle)
    {
        foreach (var value in bytes)
        {
            if (_count == MaxPacket)
                _isTooLong = true;
            else
                _bytes[_count++] = value;
            if (value != ViscaPacket.End)
                continue;
            var packet = _bytes.AsSpan(0, _count);
            var isWhole = !_isTooLong && _count >= 3;
            Clear();
            if (isWhole)
                handle(packet);
        }
    }

    /// <param name="packet">A whole one.</param>
    /// <param name="socket">Of a command; 0 where there is none.</param>
    /// <param name="error">Of <see cref="ViscaReply.Error"/>: what is wrong.</param>
    public static ViscaReply Read(ReadOnlySpan<byte> packet, byte address, out int socket, out byte error)
    {
        (socket, error) = (0, 0);
        if (packet is [0x88, 0x30, _, ViscaPacket.End] or [0x88, 0x01, 0x00, 0x01, ViscaPacket.End])
            return ViscaReply.Network;
        if (packet is [_, 0x38, ViscaPacket.End] && (packet[0] & 0x8F) == 0x80) // the network change message, from whomever
            return ViscaReply.PowerOn;
        if (packet[0] != (0x80 | (address << 4)))
            return ViscaReply.None;
        socket = packet[1] & 15;
        switch (packet[1] & 0xF0)
        {
            case 0x40 when packet.Length == 3:
                return ViscaReply.Acknowledged;
            case 0x50 when packet.Length == 3:
                return socket == 0 ? ViscaReply.Network : ViscaReply.Completed;
            case 0x50 when socket == 0:
                return ViscaReply.Answer;
            case 0x60 when packet.Length == 4:
                error = packet[2];
                return ViscaReply.Error;
            default:
                return ViscaReply.None;
        }
    }
}
