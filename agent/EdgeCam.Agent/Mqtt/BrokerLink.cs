using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using EdgeCam.Agent.Diagnostics;
using MQTTnet;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace EdgeCam.Agent.Mqtt;

/// <summary>One connection to the broker over a stream that is there, from CONNECT to its end.</summary>
/// <remarks>
/// The library counts the time to its next ping by the wall clock, and by the keep-alive that we asked for. So we ping ourselves, by the monotonic clock
/// and the keep-alive that the broker wants (MQTT 5 §3.2.2.3.14): after three quarters of it, and half of it is the time for the answer, so that a
/// connection that carries nothing more is noticed within one and a half. The library's own pings are left over for the time before.
/// </remarks>
internal sealed class BrokerLink : IDisposable
{
    // The broker may send somewhat more than we take, so that we see it, count it and can answer.
    private const uint MaxPacket = 128 * 1024;
    private const int MaxUnacknowledged = 16;

    private static readonly TimeSpan s_subscribeTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_checkTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_farewellTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_longestTick = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10); // for what has no timeout of its own, beside whatever has

    private readonly MqttConnectionOptions _options;
    private readonly MqttProtocolVersion _version;
    private readonly StatusKeeper _status;
    private readonly OutgoingQueue _queue;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Progress? _progress;
    private readonly StreamAdapterFactory _adapters;
    private readonly MqttClient _client;
    private readonly TaskCompletionSource<BrokerEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private MqttClientConnectResult? _accepted;

    /// <param name="stream">Belongs to the link from now on.</param>
    /// <param name="receive">Called one message at a time.</param>
    public BrokerLink(
        MqttConnectionOptions options, Stream stream, MqttProtocolVersion version, StatusKeeper status, OutgoingQueue queue, Action<MqttApplicationMessage> receive,
        TimeProvider time, ILogger log, Progress? progress)
    {
        (_options, _version, _status, _queue, _time, _log, _progress) = (options, version, status, queue, time, log, progress);
        _adapters = new(stream, new DnsEndPoint(options.Broker.Host, options.Broker.Port), (int)MaxPacket, options.LongestSilence);
        _client = new MqttClient(_adapters, MqttNetNullLogger.Instance);
        _client.ApplicationMessageReceivedAsync += received =>
        {
            receive(received.ApplicationMessage);
            return Task.CompletedTask;
        };
        _client.DisconnectedAsync += ended =>
        {
            _end.TrySetResult(ToEnd(ended));
            return Task.CompletedTask;
        };
    }

    private bool IsVersion5 => _version == MqttProtocolVersion.V500;

    /// <returns>Null where we were taken.</returns>
    /// <exception cref="OperationCanceledException">Stopped, or there was no answer in time.</exception>
    public async Task<BrokerRefusal?> ConnectAsync(CancellationToken stop)
    {
        try
        {
            var result = await _client.ConnectAsync(MqttClientSettings.Create(_options, _version, MaxPacket), stop);
            if (result.ResultCode == MqttClientConnectResultCode.Success)
            {
                _accepted = result;
                return null;
            }

            // A broker of old answers in its own format, and there "unacceptable protocol version" is 1 (MQTT 3.1.1 §3.2.2.3).
            var isVersion = result.ResultCode is MqttClientConnectResultCode.UnsupportedProtocolVersion or (MqttClientConnectResultCode)1;
            return new(BrokerWords.NotAccepted(result.ResultCode.ToString(), result.ReasonString), MayBeVersion: isVersion, isVersion);
        }
        catch (Exception failure) when (BrokerFailure.IsOfConnection(failure) && !stop.IsCancellationRequested)
        {
            // Or it hangs up on a CONNECT that it cannot read.
            var root = failure.GetBaseException();
            var isHangUp = root is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted } or MqttCommunicationException or MqttProtocolViolationException;
            var words = _options.Broker.IsSecure ? BrokerWords.HungUp(root.Message, _options.Tls?.CertificateFile is not null) : root.Message;
            return new(words, MayBeVersion: isHangUp, IsVersion: false);
        }
    }

    public async Task SubscribeAsync(IEnumerable<(string Filter, bool IsRetained)> topics, CancellationToken stop)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(s_subscribeTimeout);
        _progress?.Within(s_subscribeTimeout + s_patience);
        var filters = new MqttClientSubscribeOptions();
        foreach (var (topic, isRetained) in topics)
        {
            var filter = new MqttTopicFilter { Topic = topic, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce };
            if (IsVersion5)
                (filter.RetainHandling, filter.RetainAsPublished) = (isRetained ? MqttRetainHandling.SendAtSubscribe : MqttRetainHandling.DoNotSendOnSubscribe, true);
            filters.TopicFilters.Add(filter);
        }

        var result = await _client.SubscribeAsync(filters, timeout.Token);
        foreach (var refused in result.Items.Where(item => item.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2))
            _log.SubscriptionRefused(_options.Broker.Host, _options.Broker.Port, refused.TopicFilter.Topic, refused.ResultCode.ToString());
    }

    /// <summary>Sends until the connection is lost, or says farewell when stopped.</summary>
    /// <param name="checks">Each asks for a sign of life at once.</param>
    public async Task<BrokerEnd> RunAsync(ChannelReader<bool> checks, CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task[] pumps = [_status.SendAsync(_client, ended.Token), SendQueuedAsync(ended.Token), CheckAsync(checks, ended.Token), WatchAsync(ended.Token)];
        try
        {
            return await _end.Task.WaitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            await FarewellAsync();
            return new(BrokerEndKind.Stopped, "stopped");
        }
        finally
        {
            await ended.CancelAsync();
            await Task.WhenAll(pumps);
        }
    }

    public void Dispose() => _client.Dispose();

    private BrokerEnd ToEnd(MqttClientDisconnectedEventArgs ended)
    {
        if (ended.Reason == MqttClientDisconnectReason.SessionTakenOver)
            return new(BrokerEndKind.TakenOver, BrokerWords.TakenOver(_options.ClientId));
        if (ended.Reason != MqttClientDisconnectReason.NormalDisconnection && ended.Exception is null)
            return new(BrokerEndKind.Lost, $"{BrokerWords.Closed} ({(string.IsNullOrEmpty(ended.ReasonString) ? ended.Reason.ToString() : ended.ReasonString)})");
        return new(BrokerEndKind.Closed, ended.Exception is { } failure ? $"{BrokerWords.Closed} ({failure.GetBaseException().Message})" : BrokerWords.Closed);
    }

    private async Task CheckAsync(ChannelReader<bool> checks, CancellationToken ended)
    {
        checks.TryRead(out _); // of before this connection
        try
        {
            while (await checks.ReadAsync(ended))
            {
                using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ended);
                timeout.CancelAfter(s_checkTimeout);
                await _client.PingAsync(timeout.Token);
            }
        }
        catch (Exception failure) when (BrokerFailure.IsOfConnection(failure) || failure is ChannelClosedException)
        {
            if (!ended.IsCancellationRequested)
                _end.TrySetResult(new(BrokerEndKind.Moved, BrokerWords.Moved));
        }
    }

    /// <summary>Pings, ends the connection where one is not answered, and says that this loop lives.</summary>
    private async Task WatchAsync(CancellationToken ended)
    {
        var keepAlive = _adapters.KeepAlive;
        var tick = keepAlive / 8 < s_longestTick ? keepAlive / 8 : s_longestTick;
        var (ping, at) = (Task.CompletedTask, _time.GetTimestamp());
        while (true)
        {
            _progress?.Within(tick + s_patience);
            await Task.Delay(tick, _time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested)
                break;
            var waited = _time.GetElapsedTime(at);
            if (!ping.IsCompleted)
            {
                if (waited < keepAlive / 2)
                    continue;
                _end.TrySetResult(new(BrokerEndKind.Lost, BrokerWords.NoPing));
                break;
            }

            if (waited >= keepAlive * 0.75)
                (ping, at) = (PingAsync(ended), _time.GetTimestamp());
        }

        await ping;
    }

    private async Task PingAsync(CancellationToken ended)
    {
        try
        {
            await _client.PingAsync(ended);
        }
        catch (Exception failure) when (BrokerFailure.IsOfConnection(failure))
        {
            // Where the connection is lost, the library says so too.
        }
    }

    private async Task SendQueuedAsync(CancellationToken ended)
    {
        // The status, and the farewell, want a place too (MQTT 5 §3.2.2.3.3).
        var receiveMaximum = _accepted?.ReceiveMaximum is { } announced and > 0 ? announced : ushort.MaxValue;
        using var window = new SemaphoreSlim(Math.Clamp(receiveMaximum - 1, 1, MaxUnacknowledged));
        List<Task> sending = [];
        try
        {
            while (true)
            {
                await window.WaitAsync(ended);
                OutgoingMessage? message;
                while ((message = _queue.Take()) is null)
                    await _queue.WaitAsync(ended);
                sending.RemoveAll(task => task.IsCompletedSuccessfully);
                sending.Add(SendAsync(message, window, ended));
            }
        }
        catch (OperationCanceledException)
        {
            // The connection is lost or the agent stops; what is queued waits for the next one until it expires.
        }

        await Task.WhenAll(sending);
    }

    private async Task SendAsync(OutgoingMessage message, SemaphoreSlim window, CancellationToken ended)
    {
        try
        {
            if (_accepted?.MaximumPacketSize is { } limit and > 0 && message.Size > limit)
            {
                _log.MessageTooLarge(_options.Broker.Host, _options.Broker.Port, message.Topic, message.Payload.Length, limit);
                _queue.Refuse(message, DropReason.Oversized); // the broker would end the connection, each time (MQTT 5 §3.2.2.3.6)
                return;
            }

            var left = message.Left(_time);
            var result = await _client.PublishAsync(
                new MqttApplicationMessage
                {
                    Topic = message.Topic,
                    Payload = new ReadOnlySequence<byte>(message.Payload),
                    QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
                    Retain = message.Retain,
                    CorrelationData = IsVersion5 && !message.CorrelationData.IsEmpty ? message.CorrelationData.ToArray() : null,
                    MessageExpiryInterval = IsVersion5 && left is { } rest ? (uint)Math.Max(1, rest.TotalSeconds) : 0,
                },
                ended);
            if (result.IsSuccess || result.ReasonCode == MqttClientPublishReasonCode.NoMatchingSubscribers)
            {
                _queue.Finish(message);
                return;
            }

            _log.PublishRefused(_options.Broker.Host, _options.Broker.Port, message.Topic, result.ReasonCode.ToString());
            _queue.Refuse(message, result.ReasonCode switch
            {
                MqttClientPublishReasonCode.NotAuthorized => DropReason.Forbidden,
                MqttClientPublishReasonCode.QuotaExceeded => DropReason.RateLimited,
                _ => DropReason.Unsendable,
            });
        }
        catch (Exception failure) when (BrokerFailure.IsOfConnection(failure))
        {
            _queue.Return(message);
        }
        finally
        {
            window.Release();
        }
    }

    private async Task FarewellAsync()
    {
        using var timeout = new CancellationTokenSource(s_farewellTimeout, _time);
        try
        {
            await _status.LeaveAsync(_client, timeout.Token);
            await _client.DisconnectAsync(new MqttClientDisconnectOptions(), timeout.Token);
        }
        catch (Exception failure) when (BrokerFailure.IsOfConnection(failure))
        {
            // Then the will says it.
        }
    }
}
