using System.Buffers.Binary;
using System.Net;

namespace EdgeCam.WebRtc.Primitives;

/// <summary>An IP address and a UDP port (RFC 8489 §4), without the allocation that an <see cref="IPEndPoint"/> costs. IPv4 is kept IPv4-mapped.</summary>
public readonly record struct TransportAddress
{
    private static readonly UInt128 s_mappedPrefix = new(0, 0x0000_FFFF_0000_0000);

    private readonly UInt128 _bits;

    private TransportAddress(UInt128 bits, ushort port, uint scopeId)
    {
        _bits = bits;
        Port = port;
        ScopeId = scopeId;
    }

    public ushort Port { get; }

    /// <summary>The interface index of a link-local IPv6 address, otherwise 0.</summary>
    public uint ScopeId { get; }

    public bool IsIPv4 => _bits >> 32 == s_mappedPrefix >> 32;

    /// <summary>True for the default value: no address.</summary>
    public bool IsNone => _bits == 0 && Port == 0;

    public bool IsUnspecified => _bits == 0 || _bits == s_mappedPrefix;

    public bool IsLoopback => IsIPv4 ? (byte)(_bits >> 24) == 127 : _bits == 1;

    public bool IsLinkLocal => IsIPv4 ? (ushort)(_bits >> 16) == 0xA9FE : (ushort)(_bits >> 118) == 0xFE80 >> 6;

    public bool IsMulticast => IsIPv4 ? (byte)(_bits >> 28) % 16 == 0xE : (byte)(_bits >> 120) == 0xFF;

    public bool IsBroadcast => IsIPv4 && (uint)_bits == uint.MaxValue;

    /// <summary>True where both are of this machine, or their first 24 bits (IPv6: 64) are the same, as on most links of a house.</summary>
    public bool IsOnLinkWith(TransportAddress other) =>
        (IsLoopback && other.IsLoopback) || (IsIPv4 && other.IsIPv4 ? _bits >> 8 == other._bits >> 8 : _bits >> 64 == other._bits >> 64 && !IsIPv4 && !other.IsIPv4);

    /// <summary>True where a datagram may be sent: not unspecified, multicast or broadcast, and the port is not 0.</summary>
    public bool IsUnicast => Port != 0 && !IsUnspecified && !IsMulticast && !IsBroadcast;

    public static TransportAddress FromIPv4(uint address, ushort port) => new(s_mappedPrefix | address, port, 0);

    /// <param name="address">16 bytes in network order; an IPv4-mapped address becomes an IPv4 address.</param>
    public static TransportAddress FromIPv6(ReadOnlySpan<byte> address, ushort port, uint scopeId = 0) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(address), port, scopeId);

    public static TransportAddress From(IPAddress address, int port)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        var scope = address.IsIPv6LinkLocal ? (uint)address.ScopeId : 0;
        return FromIPv6(bytes, (ushort)port, scope);
    }

    /// <summary>Reads a numeric address; a host name is not an address.</summary>
    public static bool TryParse(ReadOnlySpan<char> address, ushort port, out TransportAddress result)
    {
        if (!IPAddress.TryParse(address, out var parsed))
        {
            result = default;
            return false;
        }

        result = From(parsed, port);
        return true;
    }

    public TransportAddress WithPort(ushort port) => new(_bits, port, ScopeId);

    public TransportAddress WithScope(uint scopeId) => new(_bits, Port, scopeId);

    /// <summary>Writes 4 bytes for IPv4, 16 for IPv6, in network order, and returns how many.</summary>
    public int WriteAddress(Span<byte> destination)
    {
        if (IsIPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)_bits);
            return 4;
        }

        BinaryPrimitives.WriteUInt128BigEndian(destination, _bits);
        return 16;
    }

    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        var address = new IPAddress(bytes[..WriteAddress(bytes)]);
        if (ScopeId != 0)
            address.ScopeId = ScopeId;
        return address;
    }

    public override string ToString() => IsIPv4 ? $"{ToIPAddress()}:{Port}" : $"[{ToIPAddress()}]:{Port}";
}
