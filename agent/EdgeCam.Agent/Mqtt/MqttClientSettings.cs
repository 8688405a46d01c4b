using System.Net;
using System.Security.Cryptography.X509Certificates;
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
            KeepAlivePeriod = options.KeepAlive ?? TimeSpan.FromSeconds(30),
            TryPrivate = false, // the bridge bit in the protocol level: brokers that keep to 3.1.1 refuse it
            Credentials = options.Username is null ? null : new MqttClientCredentials(options.Username, options.Password.ToArray()),
            ChannelOptions = new MqttClientTcpOptions
            {
                RemoteEndpoint = new DnsEndPoint(options.Broker.Host, options.Broker.Port),
                NoDelay = true,
                TlsOptions = Tls(options),
            },
            WillTopic = options.StatusTopic,
            WillPayload = options.OfflineStatus.ToArray(),
            WillQualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
            WillRetain = true,
            MaximumPacketSize = isVersion5 ? maxPacket : 0,
        };
    }

    private static MqttClientTlsOptions Tls(MqttConnectionOptions options)
    {
        var tls = new MqttClientTlsOptions { UseTls = options.Broker.IsSecure, TargetHost = options.Broker.Host, RevocationMode = X509RevocationMode.NoCheck };
        if (options.CaFile is null)
            return tls;

        var trusted = new X509Certificate2Collection();
        trusted.ImportFromPemFile(options.CaFile);
        tls.TrustChain = trusted;
        return tls;
    }
}
