using EdgeCam.Agent.Mqtt;

namespace EdgeCam.Agent.Tests.Mqtt;

public sealed class MqttTopicsTests
{
    private static readonly MqttTopics s_topics = new("edgecam/v1", "dev");

    [Fact]
    public void A_session_topic_names_client_and_session()
    {
        Assert.True(s_topics.TryParseToDevice("edgecam/v1/dev/session/user@example.org/AZaz09_-/to-device", out var client, out var session));
        Assert.Equal(("user@example.org", "AZaz09_-"), (client, session));
        Assert.Equal("edgecam/v1/dev/session/user@example.org/AZaz09_-/to-viewer", s_topics.ToViewerOf(client, session));
    }

    [Theory]
    [InlineData("edgecam/v1/dev/session//AZaz09_-/to-device")]
    [InlineData("edgecam/v1/dev/session/a/short/to-device")]
    [InlineData("edgecam/v1/dev/session/a/has space/to-device")]
    [InlineData("edgecam/v1/dev/session/a/AZaz09_-AZaz09_-AZaz09_-AZaz09_-AZaz09_-AZaz09_-AZaz09_-AZaz09_-x/to-device")]
    [InlineData("edgecam/v1/dev/session/a/AZaz09_-/to-viewer")]
    [InlineData("edgecam/v1/dev/session/a/AZaz09_-")]
    [InlineData("edgecam/v1/other/session/a/AZaz09_-/to-device")]
    public void Any_other_topic_names_none(string topic) => Assert.False(s_topics.TryParseToDevice(topic, out _, out _));

    [Theory]
    [InlineData("mqtt://host", "host", 1883, false)]
    [InlineData("mqtts://host", "host", 8883, true)]
    [InlineData("mqtts://[::1]:9/", "::1", 9, true)]
    public void A_brokers_address_is_read(string text, string host, int port, bool isSecure)
    {
        Assert.True(BrokerAddress.TryParse(text, out var address));
        Assert.Equal(new(host, port, isSecure), address);
    }

    [Theory]
    [InlineData("host:1883")]
    [InlineData("tcp://host")]
    [InlineData("mqtt://")]
    [InlineData("mqtt://host/path")]
    [InlineData("mqtt://user@host")]
    [InlineData("mqtt://host?x=1")]
    public void Anything_else_is_no_address(string text) => Assert.False(BrokerAddress.TryParse(text, out _));
}
