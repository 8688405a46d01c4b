using EdgeCam.Agent.Peers;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Peers;

public sealed class StunServersTests
{
    [Theory]
    [InlineData("stun.example.org", "stun.example.org", 3478)]
    [InlineData("stun.example.org:19302", "stun.example.org", 19302)]
    [InlineData("192.0.2.1:5", "192.0.2.1", 5)]
    [InlineData("[2001:db8::1]", "2001:db8::1", 3478)]
    [InlineData("[2001:db8::1]:99", "2001:db8::1", 99)]
    public void A_server_is_a_host_and_perhaps_a_port(string server, string host, int port)
    {
        Assert.True(StunServers.TryParse(server, out var readHost, out var readPort));
        Assert.Equal((host, port), (readHost, readPort));
    }

    [Theory]
    [InlineData("")]
    [InlineData(":3478")]
    [InlineData("stun:stun.example.org")]
    [InlineData("stun.example.org:0")]
    [InlineData("stun.example.org:65536")]
    [InlineData("a b")]
    public void What_is_no_host_and_port_is_refused(string server) => Assert.False(StunServers.TryParse(server, out _, out _));

    [Fact]
    public async Task Names_are_looked_up_before_an_offer_needs_them()
    {
        using var stop = new CancellationTokenSource();
        var servers = new StunServers(["localhost:3479", "127.0.0.9"], NullLogger<StunServers>.Instance);
        Assert.Empty(servers.Addresses);
        var running = servers.RunAsync(stop.Token);
        for (var i = 0; i < 500 && servers.Addresses.Count == 0; i++)
            await Task.Delay(10);
        Assert.Contains(TransportAddress.FromIPv4(0x7F000001, 3479), servers.Addresses);
        Assert.Contains(TransportAddress.FromIPv4(0x7F000009, 3478), servers.Addresses);
        await stop.CancelAsync();
        await running;
    }
}
