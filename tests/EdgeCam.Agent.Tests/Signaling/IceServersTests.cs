using EdgeCam.Agent.Security;
using EdgeCam.Agent.Signaling;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Signaling;

/// <summary>ICE servers on their way to the viewer, and fresh ones before they expire.</summary>
public sealed class IceServersTests : SignalingRig
{
    private int _sequence;

    public IceServersTests()
    {
        var servers = new ViewerIceServers(
            ["stun.example.org:3478"],
            [TurnServer.WithSecret(new("turn.example.org", 3478, TurnTransport.Udp), "topsecret"u8.ToArray())], TimeSpan.FromSeconds(60), Time);
        Start(new(), servers.Grant);
    }

    [Fact]
    public async Task Welcome_brings_the_viewers_own_credentials_and_the_answer_does_not_repeat_them()
    {
        Say("hello");
        var welcome = await Sent("welcome", 1);

        Assert.Equal("stun:stun.example.org:3478", welcome.GetProperty("iceServers")[0].GetProperty("urls")[0].GetString());
        Assert.False(welcome.GetProperty("iceServers")[0].TryGetProperty("username", out _));
        var turn = welcome.GetProperty("iceServers")[1];
        Assert.Equal("turn:turn.example.org:3478?transport=udp", turn.GetProperty("urls")[0].GetString());
        Assert.Equal("60:alice", turn.GetProperty("username").GetString());
        Assert.Equal(28, turn.GetProperty("credential").GetString()!.Length);
        Assert.Equal(60, welcome.GetProperty("iceServersExpireInSeconds").GetInt32());
        Assert.DoesNotContain("topsecret", welcome.GetRawText(), StringComparison.Ordinal);

        Say("offer");
        Assert.False((await Sent("answer", 1)).TryGetProperty("iceServers", out _));
    }

    [Fact]
    public async Task An_answer_without_hello_before_brings_them()
    {
        Say("offer");

        var answer = await Sent("answer", 1);
        Assert.Equal(2, answer.GetProperty("iceServers").GetArrayLength());
        Assert.Equal(60, answer.GetProperty("iceServersExpireInSeconds").GetInt32());
    }

    [Fact]
    public async Task A_live_session_gets_fresh_ones_when_the_clock_is_set_by_which_the_old_ones_were_made()
    {
        Say("offer");
        await Sent("answer", 1);

        Time.JumpWallClock(TimeSpan.FromDays(20_000)); // 1970: NTP sets it
        Time.Advance(TimeSpan.FromSeconds(1));

        var fresh = await Sent("ice-servers", 1);
        Assert.Equal($"{(20_000L * 86_400) + 61}:alice", fresh.GetProperty("iceServers")[1].GetProperty("username").GetString());
        Time.Advance(TimeSpan.FromSeconds(10));
        Say("hello", new("bob", "session-0002"));
        await Sent("welcome", 1);
        Assert.Equal(1, Count("ice-servers"));
    }

    [Fact]
    public async Task A_live_session_gets_fresh_ones_20_s_before_they_expire_again_and_again()
    {
        Say("hello");
        Say("offer");
        await Sent("answer", 1);

        Time.Advance(TimeSpan.FromSeconds(39));
        Say("hello", new("bob", "session-0002")); // a message behind the sweep: what there was to send has been sent
        await Sent("welcome", 2);
        Assert.Equal(0, Count("ice-servers"));

        Time.Advance(TimeSpan.FromSeconds(1));
        var fresh = await Sent("ice-servers", 1);
        Assert.Equal("100:alice", fresh.GetProperty("iceServers")[1].GetProperty("username").GetString());
        Assert.Equal(60, fresh.GetProperty("iceServersExpireInSeconds").GetInt32());

        Time.Advance(TimeSpan.FromSeconds(40));
        await Sent("ice-servers", 2);
    }

    [Fact]
    public async Task A_session_that_is_over_gets_none()
    {
        Say("offer");
        await Sent("answer", 1);
        Say("bye");
        await Wait.UntilAsync(() => !Gateway.Closed.IsEmpty, "the bye");

        Time.Advance(TimeSpan.FromSeconds(50));
        Say("hello", new("bob", "session-0002"));
        await Sent("welcome", 1);
        Assert.Equal(0, Count("ice-servers"));
    }

    private void Say(string type, SessionKey? key = null) => Receive($$"""{"v":1,"type":"{{type}}","seq":{{++_sequence}},"sdp":"x"}""", key);
}
