using System.Buffers;
using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Protocol;

namespace EdgeCam.Agent.Mqtt;

/// <summary>
/// What the status topic is to hold while we are connected. Published after each connection, when it changes, and when someone overwrites it, as
/// the will of an older connection of ours may.
/// </summary>
internal sealed class StatusKeeper(string topic, ReadOnlyMemory<byte> offline, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500); // two devices of one name do not fight faster than this

    private readonly Channel<bool> _due = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private ReadOnlyMemory<byte> _status;
    private ReadOnlyMemory<byte> _sent;
    private volatile bool _isLeaving;

    public void Set(ReadOnlyMemory<byte> status)
    {
        _status = status;
        Renew();
    }

    /// <summary>Has it published again.</summary>
    public void Renew() => _due.Writer.TryWrite(true);

    /// <summary>Whether a message on the topic is none of ours. What we published comes back to us too: MQTT 5's "no local" would also hide our own old will.</summary>
    public bool IsForeign(ReadOnlyMemory<byte> payload) => !_isLeaving && !payload.Span.SequenceEqual(_sent.Span);

    /// <summary>Publishes what is due until the connection ends.</summary>
    public async Task SendAsync(IMqttClient client, CancellationToken ended)
    {
        Renew();
        try
        {
            while (await _due.Reader.WaitToReadAsync(ended))
            {
                _due.Reader.TryRead(out _);
                if (_status.IsEmpty)
                    continue;
                _sent = _status;
                await client.PublishAsync(Message(_sent), ended);
                await Task.Delay(s_interval, time, ended);
            }
        }
        catch (Exception failure) when (BrokerFailure.IsOfConnection(failure))
        {
            // The connection is lost; the next one publishes the status first of all.
        }
    }

    /// <summary>A clean DISCONNECT discards the will, so we say it ourselves.</summary>
    public Task LeaveAsync(IMqttClient client, CancellationToken stop)
    {
        _isLeaving = true;
        _sent = offline;
        return client.PublishAsync(Message(offline), stop);
    }

    /// <summary>Another connection follows the one that was left.</summary>
    public void Return() => _isLeaving = false;

    public void Dispose() => _due.Writer.TryComplete();

    private MqttApplicationMessage Message(ReadOnlyMemory<byte> status) => new()
    {
        Topic = topic,
        Payload = new ReadOnlySequence<byte>(status),
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        Retain = true,
    };
}
