using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Tests.Security;

public sealed class TurnServerTests
{
    private static readonly DateTimeOffset s_now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    [Theory]
    [InlineData("turn:turn.example.org", "turn.example.org", 3478, "Udp")]
    [InlineData("turn:192.0.2.1:5?transport=udp", "192.0.2.1", 5, "Udp")]
    [InlineData("turn:a:443?transport=tcp", "a", 443, "Tcp")]
    [InlineData("turns:a", "a", 5349, "Tls")]
    [InlineData("turns:[2001:db8::1]:443?transport=tcp", "2001:db8::1", 443, "Tls")]
    [InlineData("turn:[2001:db8::1]", "2001:db8::1", 3478, "Udp")]
    public void A_server_is_named_by_its_url(string url, string host, int port, string transport)
    {
        Assert.True(TurnAddress.TryParse(url, out var address));
        Assert.Equal((host, port, transport), (address!.Host, address.Port, address.Transport.ToString()));
        Assert.True(TurnAddress.TryParse(address.ToString(), out var again));
        Assert.Equal(address, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("turn:")]
    [InlineData("turn://a")]
    [InlineData("TURN:a")]
    [InlineData("turn:a:0")]
    [InlineData("turn:a:65536")]
    [InlineData("turn:2001:db8::1")]
    [InlineData("turn:[a]")]
    [InlineData("turn:u@a")]
    [InlineData("turn:a?transport=sctp")]
    [InlineData("turns:a?transport=udp")]
    [InlineData("stun:a")]
    public void What_is_no_turn_url_is_refused(string url) => Assert.False(TurnAddress.TryParse(url, out _));

    /// <summary>The password was made by: printf %s 1700000600:cam | openssl dgst -sha1 -hmac topsecret -binary | base64.</summary>
    [Fact]
    public void Credentials_for_a_limited_time_come_from_the_shared_secret()
    {
        Assert.True(TurnAddress.TryParse("turn:a", out var address));
        var server = TurnServer.WithSecret(address!, "topsecret"u8.ToArray());

        var minted = server.Mint("cam", s_now, TimeSpan.FromSeconds(600));

        Assert.Equal(new("1700000600:cam", "/gQ+wsfnXo2ApFoNS+XwjkUUURM=", s_now.AddSeconds(600)), minted);
        Assert.True(server.IsForViewers);
        Assert.DoesNotContain(minted.Password, minted.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_standing_password_is_for_viewers_only_where_configured()
    {
        Assert.True(TurnAddress.TryParse("turn:a", out var address));
        var server = TurnServer.WithPassword(address!, "alice", "pw", isForViewers: false);

        Assert.Equal(new("alice", "pw", null), server.Mint("cam", s_now, TimeSpan.FromSeconds(600)));
        Assert.False(server.IsForViewers);
        Assert.False(server.HasTimeLimitedCredentials);
    }
}
