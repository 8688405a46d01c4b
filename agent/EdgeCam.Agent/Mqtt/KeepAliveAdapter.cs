using System.Net;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Adapter;
using MQTTnet.Formatter;
using MQTTnet.Packets;

namespace EdgeCam.Agent.Mqtt;

/// <summary>
/// Agrees on a keep-alive time (MQTT 5 §3.1.2.10, §3.2.2.3.14) of which the library's client knows nothing: else it would look four times a second whether
/// it is time to ping, and we ping anyway, to notice a dead connection sooner.
/// </summary>
internal sealed class KeepAliveAdapter(IMqttChannelAdapter inner, StreamAdapterFactory agreement) : IMqttChannelAdapter
{
    public long BytesReceived => inner.BytesReceived;

    public long BytesSent => inner.BytesSent;

    public EndPoint RemoteEndPoint => inner.RemoteEndPoint;

    public EndPoint LocalEndPoint => inner.LocalEndPoint;

    public X509Certificate2? ClientCertificate => inner.ClientCertificate;

    public bool IsSecureConnection => inner.IsSecureConnection;

    public MqttPacketFormatterAdapter PacketFormatterAdapter => inner.PacketFormatterAdapter;

    public Task ConnectAsync(CancellationToken cancellationToken) => inner.ConnectAsync(cancellationToken);

    public Task DisconnectAsync(CancellationToken cancellationToken) => inner.DisconnectAsync(cancellationToken);

    public async Task<MqttPacket> ReceivePacketAsync(CancellationToken cancellationToken)
    {
        var packet = await inner.ReceivePacketAsync(cancellationToken);
        if (packet is MqttConnAckPacket { ServerKeepAlive: > 0 } accepted)
        {
            agreement.KeepAlive = TimeSpan.FromSeconds(accepted.ServerKeepAlive);
            accepted.ServerKeepAlive = 0;
        }

        return packet;
    }

    public void ResetStatistics() => inner.ResetStatistics();

    public Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken)
    {
        if (packet is MqttConnectPacket connect)
            connect.KeepAlivePeriod = (ushort)agreement.KeepAlive.TotalSeconds;
        return inner.SendPacketAsync(packet, cancellationToken);
    }

    public void Dispose() => inner.Dispose();
}
