using System.Buffers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Threading.Channels;
using EdgeCam.Agent.Diagnostics;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace EdgeCam.Agent.Mqtt;

/// <summary>
/// The device's connection to its broker, kept up for as long as the agent runs: MQTT 5, or 3.1.1 where the broker knows no better. After
/// every reconnection it subscribes again and publishes its status again.
/// </summary>
/// <remarks>
/// Left out: QoS 2, topic aliases, persistent sessions (clean start, session expiry 0: what was meant for a moment ago is of no use),
/// enhanced authentication, server references. The library counts the time to its next ping by the wall clock; where that is put back, a ping
/// of ours sets the count right.
/// </remarks>
internal sealed class MqttConnection : IDisposable
{
    /// <summary>A larger payload is dropped; its handler learns that it came, to count and answer it.</summary>
    public const int MaxPayload = 64 * 1024;

    // The broker may send somewhat more than we take, so that we see it, count it and can answer.
    private const uint MaxPacket = 128 * 1024;
    private const int MaxQueued = 256;
    private const int MaxUnacknowledged = 16;

    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_checkTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_farewellTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_statusInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_stable = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_watchInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_jump = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10); // for what has no timeout of its own, beside whatever has

    private readonly MqttConnectionOptions _options;
    private readonly DropCounters _drops;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly BackOff _backOff;
    private readonly Progress? _progress;
    private readonly ClockWait _clock;
    private readonly List<(string Filter, Action<MqttMessage> Handler)> _handlers = [];
    private readonly Channel<OutgoingMessage> _queue;
    private readonly Channel<bool> _statusDue = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Channel<bool> _checkDue = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private ReadOnlyMemory<byte> _status;
    private ReadOnlyMemory<byte> _sentStatus;
    private volatile bool _isLeaving;
    private volatile bool _isChecked;
    private bool _knowsOnly311;

    public MqttConnection(MqttConnectionOptions options, DropCounters drops, TimeProvider time, Func<double> random, ILogger<MqttConnection> log, Progress? progress = null)
    {
        (_options, _drops, _time, _log, _progress) = (options, drops, time, log, progress);
        _clock = new(time, progress);
        _backOff = new(options.FirstDelay ?? TimeSpan.FromSeconds(1), options.MaxDelay ?? TimeSpan.FromSeconds(7), random); // so that 10 s after the broker is back, we are
        // Policy: when the broker is away and the queue full, the oldest goes; answers grow stale first.
        _queue = Channel.CreateBounded<OutgoingMessage>(
            new BoundedChannelOptions(MaxQueued) { FullMode = BoundedChannelFullMode.DropOldest },
            _ => _drops.Count(Stage.Signaling, DropReason.QueueFull));
    }

    public bool IsConnected { get; private set; }

    /// <summary>The first attempt has ended, well or not.</summary>
    public bool IsTried { get; private set; }

    /// <summary>No attempt is made until the device's clock is set.</summary>
    public bool WaitsForClock => _clock.IsWaiting;

    /// <summary>For people: why the last attempt or connection ended; null while there is a connection, and before the first attempt.</summary>
    public string? Problem { get; private set; }

    /// <summary>The protocol's version, or empty while there is no connection.</summary>
    public string Version { get; private set; } = "";

    /// <summary>Connections made since the start.</summary>
    public int Connections { get; private set; }

    /// <summary>To be called before <see cref="RunAsync"/>. Retained messages are not asked for; MQTT 3.1.1 sends them all the same.</summary>
    /// <param name="handler">Called one message at a time; must not wait.</param>
    public void Subscribe(string filter, Action<MqttMessage> handler) => _handlers.Add((filter, handler));

    /// <summary>Queues a message at QoS 1. Never waits.</summary>
    /// <param name="payload">Belongs to the connection from now on.</param>
    /// <param name="correlationData">Of the request that it answers; MQTT 3.1.1 has none.</param>
    public void Publish(string topic, ReadOnlyMemory<byte> payload, TimeSpan expiry, ReadOnlyMemory<byte> correlationData = default, bool retain = false) =>
        _queue.Writer.TryWrite(new(topic, payload, retain, expiry, _time.GetTimestamp(), correlationData));

    /// <summary>What the status topic is to hold while we are connected. Published now, after each connection, and when someone overwrites it.</summary>
    public void SetStatus(ReadOnlyMemory<byte> status)
    {
        _status = status;
        _statusDue.Writer.TryWrite(true);
    }

    /// <summary>
    /// The host's addresses have changed: TCP would keep a connection from one that is gone for many minutes. Where the broker does not
    /// answer at once, another connection is made without waiting.
    /// </summary>
    public void Check() => _checkDue.Writer.TryWrite(true);

    public async Task RunAsync(CancellationToken stop)
    {
        await KeepUpAsync(stop);
        _progress?.Rest();
    }

    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _statusDue.Writer.TryComplete();
        _checkDue.Writer.TryComplete();
    }

    private async Task KeepUpAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (!await WaitForClockAsync(stop))
                return;
            var began = _time.GetTimestamp();
            var failure = await ServeAsync(MqttProtocolVersion.V500, stop);
            (IsTried, Problem) = (true, failure);
            if (_time.GetElapsedTime(began) > s_stable)
                _backOff.Reset();
            if (stop.IsCancellationRequested)
                return;

            var delay = _isChecked ? TimeSpan.Zero : _backOff.Next();
            _isChecked = false;
            _log.NotConnected(_options.Broker.Host, _options.Broker.Port, failure, delay.TotalSeconds);
            try
            {
                _progress?.Within(delay + s_patience);
                await Task.Delay(delay, _time, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>One connection from beginning to end; says why it ended.</summary>
    private async Task<string> ServeAsync(MqttProtocolVersion version, CancellationToken stop)
    {
        if (_knowsOnly311)
            version = MqttProtocolVersion.V311;
        var lost = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var client = new MqttClientFactory().CreateMqttClient();
        client.ApplicationMessageReceivedAsync += received => Receive(received.ApplicationMessage);
        client.DisconnectedAsync += end =>
        {
            lost.TrySetResult(end.ReasonString ?? end.Exception?.GetBaseException().Message ?? end.Reason.ToString());
            return Task.CompletedTask;
        };
        try
        {
            if (await ConnectAsync(client, version, stop) is { } refusal)
            {
                if (version != MqttProtocolVersion.V500 || !refusal.MayBeVersion)
                    return refusal.Reason;

                _log.FellBack(_options.Broker.Host, _options.Broker.Port);
                _knowsOnly311 = refusal.IsVersion;
                return await ServeAsync(MqttProtocolVersion.V311, stop);
            }

            await SubscribeAsync(client, version, stop);
            (IsConnected, Version) = (true, version == MqttProtocolVersion.V500 ? "5" : "3.1.1");
            (IsTried, Problem) = (true, null);
            Connections++;
            _log.Connected(_options.Broker.Host, _options.Broker.Port, Version);
            return await PumpAsync(client, version, lost, stop);
        }
        catch (Exception failure) when (BrokerFailure.IsOfConnection(failure))
        {
            return stop.IsCancellationRequested ? "stopped" : failure.GetBaseException().Message;
        }
        finally
        {
            (IsConnected, Version) = (false, "");
        }
    }

    /// <returns>False where it was stopped meanwhile.</returns>
    private async Task<bool> WaitForClockAsync(CancellationToken stop)
    {
        if (!_options.Broker.IsSecure || !_clock.IsNeeded)
            return true;
        _log.WaitsForClock(_options.Broker.Host, _options.Broker.Port, _time.GetUtcNow());
        await _clock.RunAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !stop.IsCancellationRequested;
    }

    private async Task<BrokerRefusal?> ConnectAsync(IMqttClient client, MqttProtocolVersion version, CancellationToken stop)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(s_connectTimeout);
        _progress?.Within(s_connectTimeout + s_patience);
        try
        {
            // The name's look-up does not always heed the token.
            var result = await client.ConnectAsync(MqttClientSettings.Create(_options, version, MaxPacket), timeout.Token).WaitAsync(timeout.Token);
            if (result.ResultCode == MqttClientConnectResultCode.Success)
                return null;

            // A broker of old answers in its own format, and there "unacceptable protocol version" is 1 (MQTT 3.1.1 §3.2.2.3).
            var isVersion = result.ResultCode is MqttClientConnectResultCode.UnsupportedProtocolVersion or (MqttClientConnectResultCode)1;
            return new($"refused the connection ({result.ResultCode})", MayBeVersion: isVersion, isVersion);
        }
        catch (Exception failure) when (BrokerFailure.IsOfConnection(failure) && !stop.IsCancellationRequested)
        {
            // Or it hangs up on a CONNECT that it cannot read.
            var root = failure.GetBaseException();
            var isTransport = root is SocketException { SocketErrorCode: not (SocketError.ConnectionReset or SocketError.ConnectionAborted) }
                or AuthenticationException or OperationCanceledException or IOException { InnerException: SocketException };
            return new(root is OperationCanceledException ? "no answer" : root.Message, MayBeVersion: !isTransport, IsVersion: false);
        }
    }

    private async Task SubscribeAsync(IMqttClient client, MqttProtocolVersion version, CancellationToken stop)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(s_connectTimeout);
        _progress?.Within(s_connectTimeout + s_patience);
        var filters = new MqttClientSubscribeOptions();
        foreach (var topic in _handlers.Select(handler => handler.Filter).Prepend(_options.StatusTopic))
        {
            var filter = new MqttTopicFilter { Topic = topic, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce };
            if (version == MqttProtocolVersion.V500)
                (filter.RetainHandling, filter.RetainAsPublished) = (MqttRetainHandling.DoNotSendOnSubscribe, true);
            filters.TopicFilters.Add(filter);
        }

        var result = await client.SubscribeAsync(filters, timeout.Token);
        foreach (var refused in result.Items.Where(item => item.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2))
            _log.SubscriptionRefused(_options.Broker.Host, _options.Broker.Port, refused.TopicFilter.Topic, refused.ResultCode.ToString());
    }

    /// <summary>Sends until the connection is lost, or says farewell when stopped.</summary>
    private async Task<string> PumpAsync(IMqttClient client, MqttProtocolVersion version, TaskCompletionSource<string> lost, CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _statusDue.Writer.TryWrite(true);
        Task[] pumps = [SendStatusAsync(client, ended.Token), SendQueuedAsync(client, version, ended.Token), CheckAsync(client, lost, ended.Token), WatchAsync(client, ended.Token)];
        try
        {
            return await lost.Task.WaitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            await FarewellAsync(client);
            return "stopped";
        }
        finally
        {
            await ended.CancelAsync();
            await Task.WhenAll(pumps);
        }
    }

    private async Task CheckAsync(IMqttClient client, TaskCompletionSource<string> lost, CancellationToken ended)
    {
        _checkDue.Reader.TryRead(out _); // of before this connection
        try
        {
            while (await _checkDue.Reader.ReadAsync(ended))
            {
                using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ended);
                timeout.CancelAfter(s_checkTimeout);
                await client.PingAsync(timeout.Token);
            }
        }
        catch (Exception failure) when (BrokerFailure.IsOfConnection(failure) || failure is ChannelClosedException)
        {
            _isChecked = !ended.IsCancellationRequested;
            lost.TrySetResult("no answer since the addresses of this host changed");
        }
    }

    /// <summary>Says that this loop lives, and has the library ping at once where the wall clock has jumped.</summary>
    private async Task WatchAsync(IMqttClient client, CancellationToken ended)
    {
        var offset = DeviceClock.Offset(_time);
        while (!ended.IsCancellationRequested)
        {
            _progress?.Within(s_watchInterval + s_patience);
            await Task.Delay(s_watchInterval, _time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested || (DeviceClock.Offset(_time) - offset).Duration() < s_jump)
                continue;
            offset = DeviceClock.Offset(_time);
            try
            {
                using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ended);
                timeout.CancelAfter(s_watchInterval);
                await client.PingAsync(timeout.Token);
            }
            catch (Exception failure) when (BrokerFailure.IsOfConnection(failure))
            {
                // Where the connection is lost, there will be another.
            }
        }
    }

    private async Task SendStatusAsync(IMqttClient client, CancellationToken ended)
    {
        try
        {
            while (await _statusDue.Reader.WaitToReadAsync(ended))
            {
                _statusDue.Reader.TryRead(out _);
                if (_status.IsEmpty)
                    continue;
                _sentStatus = _status;
                await client.PublishAsync(StatusMessage(_sentStatus), ended);
                await Task.Delay(s_statusInterval, _time, ended); // two devices of one name do not fight faster than this
            }
        }
        catch (Exception failure) when (BrokerFailure.IsOfConnection(failure))
        {
            // The connection is lost; the next one publishes the status first of all.
        }
    }

    private async Task SendQueuedAsync(IMqttClient client, MqttProtocolVersion version, CancellationToken ended)
    {
        using var window = new SemaphoreSlim(MaxUnacknowledged);
        List<Task> sending = [];
        try
        {
            await foreach (var message in _queue.Reader.ReadAllAsync(ended))
            {
                var left = message.Expiry - _time.GetElapsedTime(message.Queued);
                if (message.Expiry > TimeSpan.Zero && left <= TimeSpan.Zero)
                {
                    _drops.Count(Stage.Signaling, DropReason.Expired);
                    continue;
                }

                try
                {
                    await window.WaitAsync(ended);
                }
                catch (OperationCanceledException)
                {
                    _queue.Writer.TryWrite(message);
                    throw;
                }

                sending.RemoveAll(task => task.IsCompletedSuccessfully);
                sending.Add(SendAsync(client, version, message, left, window, ended));
            }
        }
        catch (OperationCanceledException)
        {
            // The connection is lost or the agent stops; what is queued waits for the next one until it expires.
        }

        await Task.WhenAll(sending);
    }

    private async Task SendAsync(IMqttClient client, MqttProtocolVersion version, OutgoingMessage message, TimeSpan left, SemaphoreSlim window, CancellationToken ended)
    {
        try
        {
            var result = await client.PublishAsync(
                new MqttApplicationMessage
                {
                    Topic = message.Topic,
                    Payload = new ReadOnlySequence<byte>(message.Payload),
                    QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
                    Retain = message.Retain,
                    CorrelationData = version == MqttProtocolVersion.V500 && !message.CorrelationData.IsEmpty ? message.CorrelationData.ToArray() : null,
                    MessageExpiryInterval = version == MqttProtocolVersion.V500 && message.Expiry > TimeSpan.Zero ? (uint)Math.Max(1, left.TotalSeconds) : 0,
                },
                ended);
            if (!result.IsSuccess && result.ReasonCode != MqttClientPublishReasonCode.NoMatchingSubscribers)
                _log.PublishRefused(_options.Broker.Host, _options.Broker.Port, message.Topic, result.ReasonCode.ToString());
        }
        catch (Exception failure) when (BrokerFailure.IsOfConnection(failure))
        {
            _queue.Writer.TryWrite(message); // unacknowledged: once more on the next connection, which QoS 1 allows
        }
        finally
        {
            window.Release();
        }
    }

    private async Task FarewellAsync(IMqttClient client)
    {
        using var timeout = new CancellationTokenSource(s_farewellTimeout, _time);
        try
        {
            // A clean DISCONNECT discards the will, so we say it ourselves.
            _isLeaving = true;
            _sentStatus = _options.OfflineStatus;
            await client.PublishAsync(StatusMessage(_options.OfflineStatus), timeout.Token);
            await client.DisconnectAsync(new MqttClientDisconnectOptions(), timeout.Token);
        }
        catch (Exception failure) when (BrokerFailure.IsOfConnection(failure))
        {
            // Then the will says it.
        }
    }

    private Task Receive(MqttApplicationMessage received)
    {
        var oversized = received.Payload.Length > MaxPayload;
        var message = new MqttMessage(received.Topic, oversized ? default : received.Payload.ToArray(), received.Retain, oversized, received.ResponseTopic, received.CorrelationData);
        if (message.Topic == _options.StatusTopic)
        {
            // What we published comes back to us too: MQTT 5's "no local" would also hide the will of an older connection of ours.
            if (!_isLeaving && !message.Payload.Span.SequenceEqual(_sentStatus.Span))
            {
                _log.StatusRepaired();
                _statusDue.Writer.TryWrite(true);
            }

            return Task.CompletedTask;
        }

        foreach (var (filter, handler) in _handlers)
        {
            if (MqttTopicFilterComparer.Compare(message.Topic, filter) == MqttTopicFilterCompareResult.IsMatch)
                handler(message);
        }

        return Task.CompletedTask;
    }

    private MqttApplicationMessage StatusMessage(ReadOnlyMemory<byte> status) => new()
    {
        Topic = _options.StatusTopic,
        Payload = new ReadOnlySequence<byte>(status),
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        Retain = true,
    };
}
