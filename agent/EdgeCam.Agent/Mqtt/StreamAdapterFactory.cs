using System.Net;
using MQTTnet;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Diagnostics.PacketInspection;
using MQTTnet.Formatter;

namespace EdgeCam.Agent.Mqtt;

/// <summary>Has the library's client speak over a stream that is connected already, in which packets are bounded before it allocates for them.</summary>
/// <param name="keepAlive">Zero: what the client's options say, and it pings by itself. Else the options must say none, and whoever uses it pings.</param>
internal sealed class StreamAdapterFactory(Stream stream, EndPoint remote, int maxPacket, TimeSpan keepAlive = default) : IMqttClientAdapterFactory
{
    /// <summary>What is announced, and later what the server wants instead.</summary>
    public TimeSpan KeepAlive { get; set; } = keepAlive;

    public IMqttChannelAdapter CreateClientAdapter(MqttClientOptions options, MqttPacketInspector packetInspector, IMqttNetLogger logger)
    {
        var adapter = new MqttChannelAdapter(
            new BoundedMqttChannel(stream, remote, maxPacket), new MqttPacketFormatterAdapter(options.ProtocolVersion, new MqttBufferWriter(4096, 65535)), logger);
        return KeepAlive == TimeSpan.Zero ? adapter : new KeepAliveAdapter(adapter, this);
    }
}
