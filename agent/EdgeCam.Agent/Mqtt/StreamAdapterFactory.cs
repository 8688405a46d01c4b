using System.Net;
using MQTTnet;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Diagnostics.PacketInspection;
using MQTTnet.Formatter;

namespace EdgeCam.Agent.Mqtt;

/// <summary>Has the library's client speak over a stream that is connected already, in which packets are bounded before it allocates for them.</summary>
internal sealed class StreamAdapterFactory(Stream stream, EndPoint remote, int maxPacket) : IMqttClientAdapterFactory
{
    public IMqttChannelAdapter CreateClientAdapter(MqttClientOptions options, MqttPacketInspector packetInspector, IMqttNetLogger logger) =>
        new MqttChannelAdapter(
            new BoundedMqttChannel(stream, remote, maxPacket), new MqttPacketFormatterAdapter(options.ProtocolVersion, new MqttBufferWriter(4096, 65535)), logger);
}
