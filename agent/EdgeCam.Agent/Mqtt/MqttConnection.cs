using System.Buffers;
using System.Text.Json;
using System.Threading.Channels;
using EdgeCam.Agent.Diagnostics;
using MQTTnet;
using MQTTnet.Formatter;

namespace EdgeCam.Agent.Mqtt;

/// <summary>
/// The device's connection to its broker, kept up for as long as the agent runs: MQTT 5, or 3.1.1 where the broker knows no better. After
/// every reconnection it subscribes again and publishes its status again.
/// </summary>
/// <remarks>
/// Left out: QoS 2, topic aliases, persistent sessions (clean start, session expiry 0: what was meant for a moment ago is of no use),
/// enhanced authentication, server references.
/// </remarks>
internal sealed partial class MqttConnection : IDisposable
{
    /// <summary>A larger payload is dropped; its handler learns that it came, to count and answer it.</summary>
    public const int MaxPayload = 64 * 1024;

    /// <summary>For TLS, WebSocket and CONNECT, from the moment when TCP is there.</summary>
    private static readonly TimeSpan s_handshakeTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10); // for what has no timeout of its own, beside whatever has
    private static readonly TimeSpan s_eventExpiry = TimeSpan.FromMinutes(5);

    private readonly TimeProvider _time;
    private readonly Func<double> _random;
    private readonly ILogger _log;
    private readonly Progress? _progress;
    private readonly ClockWait _clock;
    private readonly StatusKeeper _status;
    private readonly OutgoingQueue _queue;
    private readonly BrokerMetrics _metrics;
    private readonly List<(string Filter, Action<MqttMessage> Handler, bool IsRetained)> _handlers = [];
    private readonly Channel<bool> _checks = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private MqttConnectionOptions _options;
    private BrokerDialer _dialer;
    private ReconnectPolicy _policy;
    private bool _knowsOnly311;
    private string? _logged;

    public MqttConnection(MqttConnectionOptions options, DropCounters drops, TimeProvider time, Func<double> random, ILogger<MqttConnection> log, Progress? progress = null)
    {
        (_options, _time, _random, _log, _progress) = (options, time, random, log, progress);
        _clock = new(time, progress);
        (_dialer, _policy) = (Dialer(options), Policy(options));
        _status = new(options.StatusTopic, options.OfflineStatus, time);
        _queue = new(drops, time);
        _metrics = new(_queue);
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

    /// <summary>Messages that wait for the broker or its acknowledgement.</summary>
    public int Queued => _queue.Count;

    /// <summary>To be called before <see cref="RunAsync"/>. Retained messages are not asked for; MQTT 3.1.1 sends them all the same.</summary>
    /// <param name="handler">Called one message at a time; must not wait.</param>
    /// <param name="isRetained">The retained message is asked for, at each connection.</param>
    public void Subscribe(string filter, Action<MqttMessage> handler, bool isRetained = false) => _handlers.Add((filter, handler, isRetained));

    /// <summary>Queues a message at QoS 1. Never waits.</summary>
    /// <param name="payload">Belongs to the connection from now on.</param>
    /// <param name="queueing">What becomes of it while the broker is away.</param>
    /// <param name="expiry">After so long it is dropped instead of sent late; zero: never.</param>
    /// <param name="retain">The broker keeps it for whoever subscribes later.</param>
    /// <param name="correlationData">Of the request that it answers; MQTT 3.1.1 has none.</param>
    public void Publish(string topic, ReadOnlyMemory<byte> payload, Queueing queueing, TimeSpan expiry, bool retain = false, ReadOnlyMemory<byte> correlationData = default) =>
        _queue.Add(topic, payload, queueing, expiry, retain, correlationData);

    /// <summary>What the status topic is to hold while we are connected. Published now, after each connection, and when someone overwrites it.</summary>
    public void SetStatus(ReadOnlyMemory<byte> status) => _status.Set(status);

    /// <summary>
    /// The host's addresses have changed: TCP would keep a connection from one that is gone for many minutes. Where the broker does not
    /// answer at once, another connection is made without waiting; and where none could be reached, it is tried now.
    /// </summary>
    public void Check() => _checks.Writer.TryWrite(true);

    public void Dispose()
    {
        _status.Dispose();
        _checks.Writer.TryComplete();
        _metrics.Dispose();
        _renewal.Dispose();
    }

    private async Task KeepUpAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (!await WaitForClockAsync(stop))
                return;
            var end = await ServeAsync(_knowsOnly311 ? MqttProtocolVersion.V311 : MqttProtocolVersion.V500, stop)
                ?? await ServeAsync(MqttProtocolVersion.V311, stop) ?? new(BrokerEndKind.Refused, "knows no MQTT that we know");
            if (stop.IsCancellationRequested)
                return;

            var delay = Decide(end);
            try
            {
                await WaitAsync(delay, isCut: end.Kind is BrokerEndKind.Unreachable or BrokerEndKind.NotListening, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Tells why it ended, and how long to wait.</summary>
    private TimeSpan Decide(BrokerEnd end)
    {
        var before = _policy.SuspectsTakeOver;
        var delay = _policy.Next(end);
        var problem = _policy.SuspectsTakeOver && end.Kind == BrokerEndKind.Closed ? BrokerWords.LikelyTakenOver(_options.ClientId) : end.Reason;
        (IsTried, Problem) = (true, problem);
        _metrics.Ended(end.Kind);
        if (_policy.SuspectsTakeOver != before && _options.EventTopic is { } topic)
        {
            var told = new BrokerEvent("takenOver", before ? "ended" : "began", _options.ClientId, problem);
            Publish(topic, JsonSerializer.SerializeToUtf8Bytes(told, BrokerJson.Default.BrokerEvent), Queueing.Keep, s_eventExpiry);
        }

        // A broker that is away for hours is told once, as are two devices that push each other out; and each other reason after it.
        if (problem != _logged || (end.Lived >= ReconnectPolicy.Stable && !_policy.SuspectsTakeOver))
            _log.NotConnected(_options.Broker.Host, _options.Broker.Port, problem, delay.TotalSeconds);
        else
            _log.StillNotConnected(_options.Broker.Host, _options.Broker.Port, problem, delay.TotalSeconds);
        _logged = problem;
        return delay;
    }

    /// <param name="isCut">A change of this host's addresses ends it.</param>
    private async Task WaitAsync(TimeSpan delay, bool isCut, CancellationToken stop)
    {
        var left = delay;
        for (var began = _time.GetTimestamp(); left > TimeSpan.Zero; left = delay - _time.GetElapsedTime(began))
        {
            var piece = left < s_patience ? left : s_patience; // a promise is at most so long
            using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
            Task waiting = Task.Delay(piece, _time, over.Token), change = isCut ? _checks.Reader.WaitToReadAsync(over.Token).AsTask() : waiting;
            _progress?.Within(piece + s_patience); // from then on, or it could end before the wait does
            await Task.WhenAny(waiting, change);
            await over.CancelAsync(); // the other one
            stop.ThrowIfCancellationRequested();
            if (isCut && _checks.Reader.TryRead(out _))
                return;
        }
    }

    /// <summary>One connection from beginning to end.</summary>
    /// <returns>How it ended; null: the broker is to be asked by MQTT 3.1.1.</returns>
    private async Task<BrokerEnd?> ServeAsync(MqttProtocolVersion version, CancellationToken stop)
    {
        long? since = null;
        using var handshake = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            _progress?.Within(BrokerDialer.ConnectTimeout + s_patience);
            var stream = await _dialer.DialAsync(Reached, handshake.Token);
            using var link = new BrokerLink(_options, stream, version, _status, _queue, Receive, _time, _log, _progress);
            if (await link.ConnectAsync(handshake.Token) is { } refusal)
            {
                if (version != MqttProtocolVersion.V500 || !refusal.MayBeVersion)
                    return new(BrokerEndKind.Refused, refusal.Reason);

                _log.FellBack(_options.Broker.Host, _options.Broker.Port);
                _knowsOnly311 = refusal.IsVersion;
                return null;
            }

            await link.SubscribeAsync(_handlers.Select(static handler => (handler.Filter, handler.IsRetained)).Prepend((_options.StatusTopic, false)), stop);
            since = _time.GetTimestamp();
            (IsConnected, Version) = (true, version == MqttProtocolVersion.V500 ? "5" : "3.1.1");
            (IsTried, Problem) = (true, null);
            Connections++;
            _metrics.Connected();
            _log.Connected(_options.Broker.Host, _options.Broker.Port, Version);
            return await link.RunAsync(_checks.Reader, stop) with { Lived = _time.GetElapsedTime(since.Value) };
        }
        catch (BrokerException failure)
        {
            return new(failure.Kind, failure.Message);
        }
        catch (Exception failure) when (since is null && !stop.IsCancellationRequested && (failure is OperationCanceledException || (handshake.IsCancellationRequested && BrokerFailure.IsOfConnection(failure))))
        {
            return new(BrokerEndKind.Refused, BrokerWords.NoConnAck);
        }
        catch (Exception failure) when (BrokerFailure.IsOfConnection(failure))
        {
            return new(since is null ? BrokerEndKind.Refused : BrokerEndKind.Lost, failure.GetBaseException().Message, since is { } from ? _time.GetElapsedTime(from) : default);
        }
        finally
        {
            (IsConnected, Version) = (false, "");
        }

        void Reached()
        {
            _progress?.Within(s_handshakeTimeout + s_patience);
            handshake.CancelAfter(s_handshakeTimeout);
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

    private void Receive(MqttApplicationMessage received)
    {
        var oversized = received.Payload.Length > MaxPayload;
        var message = new MqttMessage(received.Topic, oversized ? default : received.Payload.ToArray(), received.Retain, oversized, received.ResponseTopic, received.CorrelationData);
        if (message.Topic == _options.StatusTopic)
        {
            if (!_status.IsForeign(message.Payload))
                return;
            _log.StatusRepaired();
            _status.Renew();
            return;
        }

        foreach (var (filter, handler, _) in _handlers)
        {
            if (MqttTopicFilterComparer.Compare(message.Topic, filter) == MqttTopicFilterCompareResult.IsMatch)
                handler(message);
        }
    }
}
