using System.Buffers;
using System.Net;
using EdgeCam.Agent.Mqtt;
using MQTTnet;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace EdgeCam.Agent.Fleet;

/// <summary>
/// A command's connection to the broker: MQTT 5, or 3.1.1 where the broker knows no better. One that is lost is made anew within a minute, and what
/// was subscribed to subscribed to again; where that fails, the command ends with the reason.
/// </summary>
/// <remarks>Left out, as at the device: QoS 2, topic aliases, persistent sessions. No will: nobody waits for an operator.</remarks>
internal sealed class FleetConnection : IAsyncDisposable
{
    private const int MaxPacket = 256 * 1024; // a retained configuration may be larger than an rpc answer

    /// <summary>How long a lost connection is tried anew.</summary>
    public static readonly TimeSpan Persistence = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan s_handshake = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(10);

    private static readonly (string Key, string Option)[] s_options =
    [
        ("mqtt.certificateFile or mqtt.keyFile", "--cert or --key"), ("mqtt.certificateFile", "--cert"), ("mqtt.keyFile", "--key"), ("mqtt.caFile", "--ca"), ("mqtt.passwordFile", "--password-file"),
        ("mqtt.username", "--user"), ("mqtt.clientId", "--client"), ("mqtt.broker", "--broker"), ("may be read by the agent's user", "may be read by you"),
    ];

    private readonly FleetSettings _settings;
    private readonly TimeProvider _time;
    private readonly Action<string> _tell;
    private readonly BrokerDialer _dialer;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly SemaphoreSlim _subscribing = new(1);
    private volatile IReadOnlyList<(string Filter, MqttQualityOfServiceLevel Quality, bool IsRetained, Action<MqttMessage> Handler)> _handlers = [];
    private volatile TaskCompletionSource<MqttClient> _client = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _keeping = Task.CompletedTask;
    private MqttProtocolVersion _version = MqttProtocolVersion.V500;

    /// <param name="tell">A connection that is lost, and one that is back, in words for people.</param>
    public FleetConnection(FleetSettings settings, TimeProvider time, Action<string> tell)
    {
        (_settings, _time, _tell) = (settings, time, tell);
        _dialer = new(settings.Broker, settings.Tls);
    }

    /// <summary>Cancelled when the connection is lost for good.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Why; null while it is not.</summary>
    public string? Problem { get; private set; }

    private bool IsVersion5 => _version == MqttProtocolVersion.V500;

    /// <exception cref="FleetException">The broker cannot be reached, or does not let us in; the words say why.</exception>
    public async Task ConnectAsync(CancellationToken stop)
    {
        var (ended, problem) = await TryConnectAsync(stop);
        if (ended is null)
            throw new FleetException(ExitCode.Broker, InWords(problem));
        _keeping = KeepUpAsync(ended);
    }

    /// <summary>Subscribes, and again after each reconnection.</summary>
    /// <param name="handler">Called one message at a time, on another thread; must not wait.</param>
    /// <param name="isRetained">What the broker keeps is wanted, too.</param>
    /// <param name="isQueued">QoS 1. Without it the broker has no queue for it that thousands of retained messages would overflow.</param>
    /// <exception cref="FleetException">The broker does not allow it.</exception>
    public async Task SubscribeAsync(string filter, Action<MqttMessage> handler, bool isRetained = false, bool isQueued = true, CancellationToken stop = default)
    {
        await _subscribing.WaitAsync(stop);
        try
        {
            var added = (filter, isQueued ? MqttQualityOfServiceLevel.AtLeastOnce : MqttQualityOfServiceLevel.AtMostOnce, isRetained, handler);
            _handlers = [.. _handlers, added];
            await SubscribeAsync(await _client.Task.WaitAsync(stop), [added], stop);
        }
        finally
        {
            _subscribing.Release();
        }
    }

    /// <summary>Publishes at QoS 1, and returns when the broker has it. Waits for a connection that is being made anew.</summary>
    /// <param name="correlation">Comes back with the answer (MQTT 5 §3.3.2.3.6).</param>
    /// <param name="expiry">The broker keeps it no longer for whoever is away; zero: for ever.</param>
    /// <exception cref="FleetException">The broker does not take it.</exception>
    public async Task PublishAsync(string topic, byte[] payload, bool isRetained = false, string? responseTopic = null, byte[]? correlation = null, TimeSpan expiry = default, CancellationToken stop = default)
    {
        while (true)
        {
            var client = await _client.Task.WaitAsync(stop);
            try
            {
                var result = await client.PublishAsync(
                    new MqttApplicationMessage
                    {
                        Topic = topic,
                        Payload = new ReadOnlySequence<byte>(payload),
                        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
                        Retain = isRetained,
                        ResponseTopic = IsVersion5 ? responseTopic : null,
                        CorrelationData = IsVersion5 ? correlation : null,
                        MessageExpiryInterval = IsVersion5 ? (uint)expiry.TotalSeconds : 0,
                    },
                    stop);
                if (result.IsSuccess || result.ReasonCode == MqttClientPublishReasonCode.NoMatchingSubscribers)
                    return;
                throw new FleetException(ExitCode.Broker, $"The broker does not take {topic} ({result.ReasonCode}): its rules have to allow that for this user, as deploy/broker's do for operators.");
            }
            catch (Exception failure) when (BrokerFailure.IsOfConnection(failure) && failure is not OperationCanceledException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), _time, stop); // it is lost, or about to be found so
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _keeping;
        _stop.Dispose();
        _lost.Dispose();
        _subscribing.Dispose();
    }

    /// <summary>Keeps the connection up until stopped; then says farewell.</summary>
    private async Task KeepUpAsync(Task<string> ended)
    {
        while (await EndAsync(ended) is { } reason)
        {
            if (_client.Task is { IsCompletedSuccessfully: true } old)
                old.Result.Dispose();
            _client = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _tell($"The broker is away ({reason}); trying again for {Persistence.TotalSeconds:0} s.");
            if (await ReconnectAsync() is not { } again)
                return;
            ended = again;
        }

        await FarewellAsync(await _client.Task);
    }

    /// <returns>Why it ended; null where we were stopped.</returns>
    private async Task<string?> EndAsync(Task<string> ended)
    {
        try
        {
            return await ended.WaitAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task<Task<string>?> ReconnectAsync()
    {
        var (since, delay, problem) = (_time.GetTimestamp(), s_firstDelay, "");
        while (_time.GetElapsedTime(since) < Persistence)
        {
            await Task.Delay(delay, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stop.IsCancellationRequested)
                return null;
            delay = delay * 2 < s_longestDelay ? delay * 2 : s_longestDelay;
            (var ended, problem) = await TryConnectAsync(_stop.Token);
            if (ended is null)
                continue;
            _tell("The broker is back.");
            return ended;
        }

        Problem = InWords(problem);
        await _lost.CancelAsync();
        return null;
    }

    /// <returns>What ends with the connection and says why; or null, and why there is none.</returns>
    private async Task<(Task<string>? Ended, string Problem)> TryConnectAsync(CancellationToken stop)
    {
        var (ended, problem, mayBeVersion) = await TryOnceAsync(stop);
        if (ended is not null || !mayBeVersion || !IsVersion5)
            return (ended, problem);
        _version = MqttProtocolVersion.V311;
        (ended, _, _) = await TryOnceAsync(stop);
        if (ended is null)
            _version = MqttProtocolVersion.V500;
        return (ended, problem);
    }

    /// <returns>As above, and whether another version of the protocol is worth an attempt.</returns>
    private async Task<(Task<string>? Ended, string Problem, bool MayBeVersion)> TryOnceAsync(CancellationToken stop)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        MqttClient? client = null;
        try
        {
            var stream = await _dialer.DialAsync(() => timeout.CancelAfter(s_handshake), timeout.Token);
            (client, var ended) = Create(stream);
            var result = await client.ConnectAsync(Options(), timeout.Token);
            if (result.ResultCode != MqttClientConnectResultCode.Success)
            {
                client.Dispose();
                // A broker of old answers in its own format, and there "unacceptable protocol version" is 1 (MQTT 3.1.1 §3.2.2.3).
                var isVersion = result.ResultCode is MqttClientConnectResultCode.UnsupportedProtocolVersion or (MqttClientConnectResultCode)1;
                return (null, BrokerWords.NotAccepted(result.ResultCode.ToString(), result.ReasonString), isVersion);
            }

            if (_handlers.Count > 0)
                await SubscribeAsync(client, _handlers, timeout.Token);
            _client.SetResult(client);
            return (ended, "", false);
        }
        catch (Exception failure) when (BrokerFailure.IsOfConnection(failure) || failure is FleetException)
        {
            client?.Dispose();
            stop.ThrowIfCancellationRequested();
            if (failure is OperationCanceledException)
                return (null, BrokerWords.NoConnAck, false);
            return client is null || failure is FleetException
                ? (null, failure.Message, false)
                : (null, BrokerWords.HungUp(failure.GetBaseException().Message, _settings.Tls.CertificateFile is not null), true); // perhaps on a CONNECT that it cannot read
        }
    }

    private (MqttClient Client, Task<string> Ended) Create(Stream stream)
    {
        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var client = new MqttClient(new StreamAdapterFactory(stream, new DnsEndPoint(_settings.Broker.Host, _settings.Broker.Port), MaxPacket), MqttNetNullLogger.Instance);
        client.ApplicationMessageReceivedAsync += received =>
        {
            Receive(received.ApplicationMessage);
            return Task.CompletedTask;
        };
        client.DisconnectedAsync += end =>
        {
            ended.TrySetResult(string.IsNullOrEmpty(end.ReasonString) ? end.Exception?.GetBaseException().Message ?? end.Reason.ToString() : end.ReasonString);
            return Task.CompletedTask;
        };
        return (client, ended.Task);
    }

    private void Receive(MqttApplicationMessage message)
    {
        var received = new MqttMessage(message.Topic, message.Payload.ToArray(), message.Retain, false, message.ResponseTopic, message.CorrelationData ?? []);
        foreach (var (filter, _, _, handler) in _handlers)
        {
            if (MqttTopicFilterComparer.Compare(message.Topic, filter) == MqttTopicFilterCompareResult.IsMatch)
                handler(received);
        }
    }

    private async Task SubscribeAsync(MqttClient client, IReadOnlyList<(string Filter, MqttQualityOfServiceLevel Quality, bool IsRetained, Action<MqttMessage> Handler)> wanted, CancellationToken stop)
    {
        var options = new MqttClientSubscribeOptions();
        foreach (var (filter, quality, isRetained, _) in wanted)
        {
            var topic = new MqttTopicFilter { Topic = filter, QualityOfServiceLevel = quality };
            if (IsVersion5)
                topic.RetainHandling = isRetained ? MqttRetainHandling.SendAtSubscribe : MqttRetainHandling.DoNotSendOnSubscribe;
            options.TopicFilters.Add(topic);
        }

        var result = await client.SubscribeAsync(options, stop);
        if (result.Items.FirstOrDefault(static item => item.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2) is { } refused)
            throw new FleetException(ExitCode.Broker, $"The broker does not let us subscribe to {refused.TopicFilter.Topic} ({refused.ResultCode}): its rules have to allow that for this user, as deploy/broker's do for operators.");
    }

    private MqttClientOptions Options() => new()
    {
        ProtocolVersion = _version,
        ClientId = _settings.ClientId,
        CleanSession = true,
        KeepAlivePeriod = s_keepAlive,
        TryPrivate = false, // the bridge bit in the protocol level: brokers that keep to 3.1.1 refuse it
        Credentials = _settings.User is null ? null : new MqttClientCredentials(_settings.User, _settings.Password.ToArray()),
        ChannelOptions = new MqttClientTcpOptions { RemoteEndpoint = new DnsEndPoint(_settings.Broker.Host, _settings.Broker.Port) }, // asked for, and not used: the stream is there
    };

    private static async Task FarewellAsync(MqttClient client)
    {
        using var timeout = new CancellationTokenSource(s_farewell);
        try
        {
            await client.DisconnectAsync(new MqttClientDisconnectOptions(), timeout.Token);
        }
        catch (Exception failure) when (BrokerFailure.IsOfConnection(failure))
        {
            // It was on its way out.
        }

        client.Dispose();
    }

    /// <summary>The agent's words name the keys of its configuration; here they are options.</summary>
    private string InWords(string problem)
    {
        if (problem.StartsWith("The broker", StringComparison.Ordinal))
            return problem;
        foreach (var (key, option) in s_options)
            problem = problem.Replace(key, option, StringComparison.Ordinal);
        return $"The broker {_settings.Broker.Host}:{_settings.Broker.Port} {problem}";
    }
}
