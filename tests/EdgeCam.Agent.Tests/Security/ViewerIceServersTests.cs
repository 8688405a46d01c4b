using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Security;

/// <summary>Which servers a viewer is told, and with whose credentials.</summary>
public sealed class ViewerIceServersTests
{
    private static readonly byte[] s_secret = "topsecret"u8.ToArray();

    [Fact]
    public void A_standing_password_is_given_away_only_where_the_configuration_says_so()
    {
        var grant = Servers(
            TurnServer.WithPassword(new("kept", 3478, TurnTransport.Udp), "device", "hush", isForViewers: false),
            TurnServer.WithPassword(new("given", 3478, TurnTransport.Udp), "guest", "open", isForViewers: true)).Grant("alice", until: null);

        var server = Assert.Single(grant.Servers);
        Assert.Equal(("turn:given:3478?transport=udp", "guest", "open"), (server.Urls[0], server.Username, server.Credential));
        Assert.Null(grant.Lifetime);
        Assert.Null(grant.RenewAfter);
    }

    [Fact]
    public void Servers_of_one_secret_are_one_entry()
    {
        var grant = Servers(
            TurnServer.WithSecret(new("a", 3478, TurnTransport.Udp), s_secret),
            TurnServer.WithSecret(new("b", 3478, TurnTransport.Udp), "another"u8.ToArray()),
            TurnServer.WithSecret(new("a", 5349, TurnTransport.Tls), s_secret)).Grant("alice", until: null);

        Assert.Equal(["turn:a:3478?transport=udp turns:a:5349?transport=tcp", "turn:b:3478?transport=udp"], grant.Servers.Select(server => server.ToString()));
        Assert.NotEqual(grant.Servers[0].Credential, grant.Servers[1].Credential);
    }

    [Fact]
    public void A_viewers_name_cannot_end_the_time_in_its_user_name_or_upset_a_log()
    {
        var servers = Servers(TurnServer.WithSecret(new("a", 3478, TurnTransport.Udp), s_secret));

        Assert.Equal("3600:9-evil--name-", servers.Grant("9:evil\r\nname\u00e9", until: null).Servers[0].Username);
        Assert.Equal(5 + 40, servers.Grant(new string('x', 1000), until: null).Servers[0].Username!.Length);
    }

    [Fact]
    public void Neither_text_nor_log_shows_a_credential()
    {
        var grant = Servers(TurnServer.WithSecret(new("a", 3478, TurnTransport.Udp), s_secret)).Grant("alice", until: null);

        Assert.DoesNotContain(grant.Servers[0].Credential!, $"{grant} {grant.Servers[0]}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(600, 600)]
    [InlineData(7200, 3600)]
    [InlineData(1, 1)]
    public void Credentials_end_with_the_access_of_whom_they_are_for(int access, int lifetime)
    {
        var grant = Servers(TurnServer.WithSecret(new("a", 3478, TurnTransport.Udp), s_secret)).Grant("alice", Deadline.After(TimeSpan.FromSeconds(access), new ManualTime()));

        Assert.Equal(($"{lifetime}:alice", TimeSpan.FromSeconds(lifetime)), (grant.Servers[0].Username, grant.Lifetime));
    }

    [Theory]
    [InlineData(1, 20)]
    [InlineData(30, 20)]
    [InlineData(60, 40)]
    [InlineData(90, 60)]
    [InlineData(3600, 2400)]
    public void Fresh_ones_are_due_after_two_thirds_of_their_life_and_20_s_before_its_end(int lifetime, int renewal) =>
        Assert.Equal(TimeSpan.FromSeconds(renewal), new IceServerGrant([], TimeSpan.FromSeconds(lifetime)).RenewAfter);

    private static ViewerIceServers Servers(params TurnServer[] turn) => new([], turn, TimeSpan.FromHours(1), new ManualTime());
}
