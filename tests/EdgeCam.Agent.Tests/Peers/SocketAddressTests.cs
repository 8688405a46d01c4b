using EdgeCam.WebRtc.Primitives;
using IPAddress = System.Net.IPAddress;
using SocketAddress = EdgeCam.Agent.Peers.Interop.SocketAddress;

namespace EdgeCam.Agent.Tests.Peers;

public sealed class SocketAddressTests
{
    [Theory]
    [InlineData("192.0.2.77", 50000, 16, new byte[] { 2, 0, 0xC3, 0x50, 192, 0, 2, 77, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData("2001:db8::1:2", 9, 28, new byte[] { 10, 0, 0, 9, 0, 0, 0, 0, 0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0 })]
    public void An_address_is_written_as_the_kernel_has_it_and_read_back(string address, int port, int length, byte[] wire)
    {
        var written = TransportAddress.From(IPAddress.Parse(address), port);
        Span<byte> name = stackalloc byte[SocketAddress.Size];
        name.Fill(0xAA);

        Assert.Equal(length, SocketAddress.Write(written, name));
        Assert.Equal(wire, name[..length].ToArray());
        Assert.Equal(written, SocketAddress.Read(name));
    }

    [Fact]
    public void A_link_local_address_keeps_its_scope()
    {
        var written = TransportAddress.From(IPAddress.Parse("fe80::1"), 5).WithScope(7);
        Span<byte> name = stackalloc byte[SocketAddress.Size];
        SocketAddress.Write(written, name);
        Assert.Equal(written, SocketAddress.Read(name));
        Assert.Equal(7u, SocketAddress.Read(name).ScopeId);
    }

    [Theory]
    [InlineData("192.0.2.77", 0, 32)]
    [InlineData("192.0.2.77", 1200, 56)]
    [InlineData("2001:db8::1", 0, 40)]
    [InlineData("2001:db8::1", 1200, 64)]
    [InlineData("0.0.0.0", 0, 0)]
    [InlineData("::", 1200, 24)]
    public void Control_messages_fit_their_room(string local, int segmentSize, int length)
    {
        Span<byte> control = stackalloc byte[SocketAddress.ControlSize];
        Assert.Equal(length, SocketAddress.WriteControl(TransportAddress.From(IPAddress.Parse(local), 1), segmentSize, control));
    }

    [Fact]
    public void What_the_kernel_says_of_the_local_address_is_found_among_other_messages()
    {
        // cmsg of level 1 and type 29 (a timestamp) first, then IP_PKTINFO with interface, source and destination.
        byte[] control =
        [
            32, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 29, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
            28, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 2, 0, 0, 0, 10, 0, 0, 1, 10, 0, 0, 9, 0, 0, 0, 0,
        ];
        Assert.Equal(TransportAddress.FromIPv4(0x0A000009, 77), SocketAddress.ReadLocal(control, 77));
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 1, 2, 3 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0 })] // shorter than its own header
    [InlineData(new byte[] { 255, 255, 255, 127, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0 })] // longer than what is there
    [InlineData(new byte[] { 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 1, 2, 3, 4 })] // packet info cut short
    public void Control_messages_that_make_no_sense_give_no_address(byte[] control) =>
        Assert.True(SocketAddress.ReadLocal(control, 1).IsNone);
}
