using System.Net;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace EdgeCam.Agent.Mqtt;

/// <summary>Our options in MQTTnet's words.</summary>
internal static class MqttClientSettings
{
    public static MqttClientOptions Create(MqttConnectionOptions options, MqttProtocolVersion version, uint maxPacket)
    {
        var isVersion5 = version == MqttProtocolVersion.V500;
        return new()
        {
            ProtocolVersion = version,
            ClientId = options.ClientId,
            CleanSession = true,
            KeepAlivePeriod = TimeSpan.Zero, // see KeepAliveAdapter
            TryPrivate = false, // the bridge bit in the protocol level: brokers that keep to 3.1.1 refuse it
            Credentials = options.Username is null ? null : new MqttClientCredentials(options.Username, options.Password.ToArray()),
            ChannelOptions = new MqttClientTcpOptions { RemoteEndpoint = new DnsEndPoint(options.Broker.Host, options.Broker.Port) }, // asked for, and not used: the stream is there
            WillTopic = options.StatusTopic,
            WillPayload = options.OfflineStatus.ToArray(),
            WillQualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
            WillRetain = true,
            MaximumPacketSize = isVersion5 ? maxPacket : 0,
        };
    }
}
