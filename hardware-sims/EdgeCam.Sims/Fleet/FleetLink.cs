using System.Net.Sockets;
using EdgeCam.Sims.Fleet.Model;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace EdgeCam.Sims.Fleet;

/// <summary>One MQTT 5 connection of a device: CONNECT, SUBSCRIBE, and from then on packets either way. Used by the device's loop only.</summary>
/// <remarks>
/// MQTTnet's packets without its client: that one wakes up four times a second to look at its keep-alive, which ten thousand clients in one
/// process make forty thousand times.
/// </remarks>
internal sealed class FleetLink : IDisposable
{
    private const uint MaxPacket = 128 * 1024;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10); // for CONNACK, and for SUBACK

    private readonly MqttChannelAdapter _adapter;
    private readonly FleetInbox _inbox;
    private readonly SimulatedAgent _agent;
    private readonly FleetOptions _options;
    private readonly Dictionary<ushort, AgentMessage> _unacknowledged = [];
    private ushort _last;

    /// <param name="stream">Belongs to the link from now on.</param>
    public FleetLink(Stream stream, SimulatedAgent agent, FleetOptions options, FleetInbox inbox)
    {
        (_agent, _options, _inbox) = (agent, options, inbox);
        _adapter = new(new StreamChannel(stream), new(MqttProtocolVersion.V500, new MqttBufferWriter(512, 65535)), MqttNetNullLogger.Instance);
    }

    /// <summary>Messages on their way that the broker has not acknowledged.</summary>
    public int Unacknowledged => _unacknowledged.Count;

    /// <exception cref="LinkException">The broker does not take the device, or does not answer.</exception>
    public async Task OpenAsync(CancellationToken stop)
    {
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
            timeout.CancelAfter(s_patience);
            await _adapter.SendPacketAsync(Connect(), timeout.Token);
            if (await _adapter.ReceivePacketAsync(timeout.Token) is not MqttConnAckPacket answer)
                throw new LinkException(LinkEnd.Refused, "closed instead of CONNACK");
            if (answer.ReasonCode != MqttConnectReasonCode.Success)
                throw new LinkException(LinkEnd.Refused, $"CONNACK {answer.ReasonCode}");
            await _adapter.SendPacketAsync(Subscribe(), timeout.Token);
        }
        catch (Exception failure) when (IsOfConnection(failure))
        {
            stop.ThrowIfCancellationRequested();
            throw new LinkException(LinkEnd.Refused, failure.GetBaseException().Message, failure);
        }
    }

    /// <summary>Reads packets into the inbox until the connection ends, and says there how it did.</summary>
    public async Task ReadAsync()
    {
        var end = LinkEnd.Closed;
        try
        {
            while (await _adapter.ReceivePacketAsync(CancellationToken.None) is { } packet)
            {
                if (packet is MqttDisconnectPacket said)
                {
                    end = said.ReasonCode == MqttDisconnectReasonCode.SessionTakenOver ? LinkEnd.TakenOver : LinkEnd.Lost;
                    break;
                }

                if (packet is MqttPublishPacket { QualityOfServiceLevel: MqttQualityOfServiceLevel.AtLeastOnce } heard)
                    await _adapter.SendPacketAsync(new MqttPubAckPacket { PacketIdentifier = heard.PacketIdentifier }, CancellationToken.None);
                _inbox.Add(packet);
            }
        }
        catch (Exception failure) when (IsOfConnection(failure))
        {
            // It is over.
        }

        _inbox.End(end);
    }

    /// <summary>Publishes a message; its acknowledgement comes by <see cref="Acknowledge"/>.</summary>
    /// <returns>False where the connection is over.</returns>
    public async Task<bool> PublishAsync(AgentMessage message, TimeSpan? left)
    {
        do
            _last++;
        while (_last == 0 || _unacknowledged.ContainsKey(_last));
        _unacknowledged[_last] = message;
        return await SendAsync(new MqttPublishPacket
        {
            PacketIdentifier = _last,
            Topic = message.Topic,
            PayloadSegment = message.Payload,
            Retain = message.Retain,
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
            CorrelationData = message.Correlation,
            MessageExpiryInterval = left is { } rest ? (uint)Math.Max(1, rest.TotalSeconds) : 0,
        });
    }

    public Task<bool> PingAsync() => SendAsync(new MqttPingReqPacket());

    public Task<bool> DisconnectAsync() => SendAsync(new MqttDisconnectPacket { ReasonCode = MqttDisconnectReasonCode.NormalDisconnection });

    /// <returns>False where there is no such message.</returns>
    public bool Acknowledge(ushort identifier) => _unacknowledged.Remove(identifier);

    /// <summary>What was under way when it ended, in its order.</summary>
    public IEnumerable<AgentMessage> Unsent() => _unacknowledged.OrderBy(static message => message.Key).Select(static message => message.Value);

    public void Dispose() => _adapter.Dispose();

    private static bool IsOfConnection(Exception failure) =>
        failure is IOException or SocketException or ObjectDisposedException or OperationCanceledException or MqttCommunicationException or MqttProtocolViolationException;

    private async Task<bool> SendAsync(MqttPacket packet)
    {
        try
        {
            await _adapter.SendPacketAsync(packet, CancellationToken.None);
            return true;
        }
        catch (Exception failure) when (IsOfConnection(failure))
        {
            return false;
        }
    }

    private MqttConnectPacket Connect() => new()
    {
        ClientId = _agent.Id,
        CleanSession = true,
        KeepAlivePeriod = (ushort)_options.KeepAlive.TotalSeconds,
        MaximumPacketSize = MaxPacket,
        Username = _options.Username?.Replace("{device}", _agent.Id, StringComparison.Ordinal),
        Password = _options.Password is { } password ? System.Text.Encoding.UTF8.GetBytes(password.Replace("{device}", _agent.Id, StringComparison.Ordinal)) : null,
        WillFlag = true,
        WillTopic = _agent.Topics.Status,
        WillMessage = _agent.Will,
        WillQoS = MqttQualityOfServiceLevel.AtLeastOnce,
        WillRetain = true,
    };

    private MqttSubscribePacket Subscribe()
    {
        var packet = new MqttSubscribePacket { PacketIdentifier = ++_last };
        foreach (var (filter, isRetained) in _agent.Topics.Filters)
        {
            packet.TopicFilters.Add(new MqttTopicFilter
            {
                Topic = filter,
                QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
                RetainHandling = isRetained ? MqttRetainHandling.SendAtSubscribe : MqttRetainHandling.DoNotSendOnSubscribe,
                RetainAsPublished = true,
            });
        }

        return packet;
    }
}
