using System.Buffers.Binary;
using System.Runtime.InteropServices;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers.Interop;

/// <summary>sockaddr_in and sockaddr_in6, and the packet-info control messages that carry our own address (ip(7), ipv6(7)).</summary>
internal static class SocketAddress
{
    /// <summary>Room for either family.</summary>
    public const int Size = 28;

    /// <summary>Room for packet info of either family and a segment size.</summary>
    public const int ControlSize = 64;

    private const int ControlHeader = 16;
    private const ushort FamilyIPv4 = 2;
    private const ushort FamilyIPv6 = 10;

    public static int Write(TransportAddress address, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], address.Port);
        if (address.IsIPv4)
        {
            MemoryMarshal.Write(destination, FamilyIPv4);
            address.WriteAddress(destination[4..]);
            destination[8..16].Clear();
            return 16;
        }

        MemoryMarshal.Write(destination, FamilyIPv6);
        destination[4..8].Clear();
        address.WriteAddress(destination[8..]);
        MemoryMarshal.Write(destination[24..], address.ScopeId);
        return 28;
    }

    public static TransportAddress Read(ReadOnlySpan<byte> name)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(name[2..]);
        return MemoryMarshal.Read<ushort>(name) == FamilyIPv4
            ? TransportAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(name[4..]), port)
            : TransportAddress.FromIPv6(name.Slice(8, 16), port, MemoryMarshal.Read<uint>(name[24..]));
    }

    /// <summary>Our own address from a received datagram's packet info; none where the kernel gave no such message.</summary>
    public static TransportAddress ReadLocal(ReadOnlySpan<byte> control, ushort port)
    {
        while (control.Length >= ControlHeader)
        {
            var length = (int)MemoryMarshal.Read<ulong>(control);
            var level = MemoryMarshal.Read<int>(control[8..]);
            var type = MemoryMarshal.Read<int>(control[12..]);
            if (length < ControlHeader || length > control.Length)
                break;
            var data = control[ControlHeader..length];
            if (level == Libc.SolIp && type == Libc.IpPktInfo && data.Length >= 12)
                return TransportAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(data[8..]), port);
            if (level == Libc.SolIpv6 && type == Libc.Ipv6PktInfo && data.Length >= 20)
            {
                var address = TransportAddress.FromIPv6(data[..16], port);
                return address.IsLinkLocal ? TransportAddress.FromIPv6(data[..16], port, MemoryMarshal.Read<uint>(data[16..])) : address;
            }

            control = control[Math.Min((length + 7) & ~7, control.Length)..];
        }

        return default;
    }

    /// <summary>Says from which address to send, and with which segment size (0: one datagram). Returns the bytes used.</summary>
    public static int WriteControl(TransportAddress local, int segmentSize, Span<byte> control)
    {
        var used = 0;
        if (!local.IsUnspecified)
        {
            Span<byte> info = stackalloc byte[20];
            info.Clear();
            if (local.IsIPv4)
            {
                local.WriteAddress(info[4..]); // ipi_spec_dst
                used += WriteMessage(Libc.SolIp, Libc.IpPktInfo, info[..12], control);
            }
            else
            {
                local.WriteAddress(info);
                MemoryMarshal.Write(info[16..], local.ScopeId);
                used += WriteMessage(Libc.SolIpv6, Libc.Ipv6PktInfo, info, control);
            }
        }

        if (segmentSize > 0)
        {
            Span<byte> size = stackalloc byte[2];
            MemoryMarshal.Write(size, (ushort)segmentSize);
            used += WriteMessage(Libc.SolUdp, Libc.UdpSegment, size, control[used..]);
        }

        return used;
    }

    private static int WriteMessage(int level, int type, ReadOnlySpan<byte> data, Span<byte> destination)
    {
        var space = (ControlHeader + data.Length + 7) & ~7;
        destination[..space].Clear();
        MemoryMarshal.Write(destination, (ulong)(ControlHeader + data.Length));
        MemoryMarshal.Write(destination[8..], level);
        MemoryMarshal.Write(destination[12..], type);
        data.CopyTo(destination[ControlHeader..]);
        return space;
    }
}
