using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace EdgeCam.Agent.Mqtt;

/// <summary>
/// The broker inside the agent, for a device that has no other: the maker's Pi and the demo. By TCP it serves this machine only, others come
/// by the WebSocket of the HTTP side. Unless access is open, a token is the password, and each client does what <see cref="BrokerRules"/>
/// allow for as long as its token is valid.
/// </summary>
/// <remarks>
/// Left out: persistent sessions, TLS of its own. The library counts a client's silence by the wall clock, and would end every connection when
/// that is put forward, as NTP does soon after a Raspberry Pi's boot; so silence is counted here.
/// </remarks>
internal sealed class EmbeddedBroker : IDisposable
{
    /// <summary>The agent's own user name; its password is made at each start and never leaves the process.</summary>
    public const string DeviceUser = "edgecam-device";

    private const int MaxPending = 100;

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_never = TimeSpan.FromMilliseconds(int.MaxValue); // the longest that the library can sleep: 24 days
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15); // a farewell may take s_timeout
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(3); // in which the session's own goodbye arrives
    private static readonly TimeSpan s_revokedFarewell = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    private readonly BrokerRules _rules;
    private readonly AccessPolicy _access;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, BrokerVisitor> _visitors = new(StringComparer.Ordinal); // not the library's session items: a resumed session has the former visitor's
    private readonly BrokerAdapter _adapter;
    private readonly DropCounters _drops;
    private readonly ILogger _log;
    private readonly MqttServer _server;
    private readonly Progress? _progress;

    /// <exception cref="System.Net.Sockets.SocketException">The port is taken.</exception>
    public EmbeddedBroker(EmbeddedBrokerOptions options, MqttTopics topics, AccessPolicy access, DropCounters drops, TimeProvider time, ILogger<EmbeddedBroker> log, Progress? progress = null)
    {
        (_rules, _access, _time, _drops, _log, _progress) = (new(topics), access, time, drops, log, progress);
        _adapter = new(options.Port, drops);
        _server = new MqttServerFactory().CreateMqttServer(
            new MqttServerOptions
            {
                DefaultCommunicationTimeout = s_timeout,
                EnablePersistentSessions = false,
                KeepAliveOptions = { MonitorInterval = s_never },
                MaxPendingMessagesPerClient = MaxPending,
                PendingMessagesOverflowStrategy = MqttPendingMessagesOverflowStrategy.DropOldestQueuedMessage,
            },
            [_adapter],
            new BrokerLogger(log));
        _server.ValidatingConnectionAsync += Validate;
        _server.InterceptingInboundPacketAsync += Hear;
        _server.InterceptingPublishAsync += InterceptPublish;
        _server.InterceptingSubscriptionAsync += InterceptSubscription;
        _server.InterceptingUnsubscriptionAsync += InterceptUnsubscription;
        _server.ClientDisconnectedAsync += Forget;
    }

    public byte[] DevicePassword { get; } = Convert.ToHexString(RandomNumberGenerator.GetBytes(32)).Select(letter => (byte)letter).ToArray();

    /// <summary>The TCP port in use.</summary>
    public int Port => _adapter.Port;

    public async Task StartAsync()
    {
        await _server.StartAsync();
        _log.BrokerListens(Port);
    }

    /// <summary>Ends the connections whose tokens have expired or were revoked, and those that have fallen silent, until stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_interval, _time);
        try
        {
            _progress?.Within(s_patience);
            while (await timer.WaitForNextTickAsync(stop))
            {
                _progress?.Within(s_patience);
                await EndOverdueAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }

        _progress?.Rest();
    }

    public async Task StopAsync()
    {
        await _server.StopAsync(new MqttServerStopOptions());
        await _adapter.EndAsync();
    }

    /// <summary>Serves a client that came by other than TCP.</summary>
    public Task ServeAsync(Stream stream, EndPoint remote) => _adapter.ServeAsync(stream, remote);

    public void Dispose()
    {
        _server.Dispose();
        _adapter.Dispose();
    }

    private async Task EndOverdueAsync()
    {
        foreach (var visitor in _visitors.Values)
        {
            var isExpired = visitor.Expires is { } expires && expires.Left(_time) <= -s_farewell;
            var isRevoked = IsRevoked(visitor);
            if (!isExpired && !isRevoked && !visitor.IsSilent(_time))
                continue;
            try
            {
                _progress?.Within(s_patience);
                await _server.DisconnectClientAsync(visitor.Client, isExpired || isRevoked
                    ? new() { ReasonCode = MqttDisconnectReasonCode.NotAuthorized, ReasonString = isRevoked ? _access.Standing(visitor.Grant!).InWords() : "the token expired" }
                    : new() { ReasonCode = MqttDisconnectReasonCode.KeepAliveTimeout });
            }
            catch (InvalidOperationException)
            {
                _visitors.TryRemove(new(visitor.Client, visitor)); // it has gone, or never was there
            }
        }
    }

    private bool IsRevoked(BrokerVisitor visitor)
    {
        if (visitor.Grant is not { } grant || _access.Standing(grant) == AccessRefusal.None)
            return false;
        visitor.RevokedSince ??= _time.GetTimestamp();
        return _time.GetElapsedTime(visitor.RevokedSince.Value) >= s_revokedFarewell;
    }

    private Task Validate(ValidatingConnectionEventArgs connection)
    {
        if (Admit(connection) is not var (role, grant))
            return Refuse(connection, MqttConnectReasonCode.BadUserNameOrPassword);

        var client = connection.ClientId;
        if (string.IsNullOrEmpty(client) && connection.ProtocolVersion == MqttProtocolVersion.V500) // before, nobody could be told the name
            client = connection.AssignedClientIdentifier = "viewer-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        return !string.IsNullOrEmpty(client) && _rules.MayConnect(role, client) && TryEnter(Visitor(client), connection.CleanSession == true)
            ? Task.CompletedTask
            : Refuse(connection, MqttConnectReasonCode.ClientIdentifierNotValid);

        BrokerVisitor Visitor(string client) => new(client, connection.RemoteEndPoint, role, grant is null ? null : grant.Holder ?? $"name {grant.Name}", grant?.Expires)
        {
            Grant = grant,
            KeepAlive = TimeSpan.FromSeconds(connection.KeepAlivePeriod ?? 0),
            HeardAt = _time.GetTimestamp(),
        };
    }

    private Task Hear(InterceptingPacketEventArgs packet)
    {
        if (_visitors.GetValueOrDefault(packet.ClientId) is { } visitor)
            visitor.HeardAt = _time.GetTimestamp();
        return Task.CompletedTask;
    }

    /// <summary>Takes the client id: at once, since two may come for it at the same moment. False where somebody else has it.</summary>
    private bool TryEnter(BrokerVisitor visitor, bool isAnew)
    {
        while (!_visitors.TryAdd(visitor.Client, visitor))
        {
            if (!_visitors.TryGetValue(visitor.Client, out var present))
                continue;
            if (!present.IsReplaceableBy(visitor))
                return false;
            if (_visitors.TryUpdate(visitor.Client, isAnew ? visitor : visitor with { Filters = present.Filters }, present))
                return true;
        }

        return true;
    }

    private (BrokerRole Role, AccessGrant? Grant)? Admit(ValidatingConnectionEventArgs connection)
    {
        var password = connection.RawPassword ?? [];
        if (connection.UserName == DeviceUser)
            return CryptographicOperations.FixedTimeEquals(password, DevicePassword) ? (BrokerRole.Device, null) : null;
        if (_access.IsOpen)
            return string.IsNullOrEmpty(connection.UserName) ? (BrokerRole.Viewer, null) : null; // there are no other users

        if (password.Length > TokenVerifier.MaxLength)
            return null;
        var admission = _access.AdmitConnection(Encoding.UTF8.GetString(password));
        if (admission.Grant is { } grant)
            return (grant.Allows(AccessScope.Manage) ? BrokerRole.Operator : BrokerRole.Viewer, grant);
        connection.ReasonString = admission.Message;
        return null;
    }

    private Task Refuse(ValidatingConnectionEventArgs connection, MqttConnectReasonCode code)
    {
        connection.ReasonCode = code;
        _drops.Count(Stage.Signaling, DropReason.Forbidden);
        return Task.CompletedTask;
    }

    private Task Forget(ClientDisconnectedEventArgs disconnected)
    {
        if (_visitors.TryGetValue(disconnected.ClientId, out var visitor) && Equals(visitor.Remote, disconnected.RemoteEndPoint))
            _visitors.TryRemove(new(visitor.Client, visitor)); // not one that took its place
        return Task.CompletedTask;
    }

    /// <summary>Messages and wills alike.</summary>
    private Task InterceptPublish(InterceptingPublishEventArgs publish)
    {
        var message = publish.ApplicationMessage;
        var visitor = _visitors.GetValueOrDefault(publish.ClientId);
        var role = visitor?.Role ?? BrokerRole.Viewer;
        var reason = !_rules.MayPublish(role, publish.ClientId, message.Topic ?? "") ? DropReason.Forbidden
            : message.Retain && !_rules.MayRetain(role, message.Topic!) ? DropReason.Retained
            : role != BrokerRole.Device && visitor?.Budget.TryTake() == false ? DropReason.RateLimited
            : default(DropReason?);
        if (reason is { } drop)
        {
            publish.ProcessPublish = false;
            publish.Response.ReasonCode = drop == DropReason.RateLimited ? MqttPubAckReasonCode.QuotaExceeded : MqttPubAckReasonCode.NotAuthorized;
            _drops.Count(Stage.Signaling, drop);
        }

        return Task.CompletedTask;
    }

    private Task InterceptSubscription(InterceptingSubscriptionEventArgs subscription)
    {
        var filter = subscription.TopicFilter.Topic ?? "";
        var visitor = _visitors.GetValueOrDefault(subscription.ClientId);
        if (!_rules.MaySubscribe(visitor?.Role ?? BrokerRole.Viewer, subscription.ClientId, filter))
        {
            subscription.ProcessSubscription = false;
            subscription.Response.ReasonCode = MqttSubscribeReasonCode.NotAuthorized;
            _drops.Count(Stage.Signaling, DropReason.Forbidden);
        }
        else if (visitor is null || (!visitor.Filters.ContainsKey(filter) && visitor.Filters.Count >= BrokerRules.MaxSubscriptions))
        {
            subscription.ProcessSubscription = false;
            subscription.Response.ReasonCode = MqttSubscribeReasonCode.QuotaExceeded;
            _drops.Count(Stage.Signaling, DropReason.TooMany);
        }
        else
        {
            visitor.Filters[filter] = true;
        }

        return Task.CompletedTask;
    }

    private Task InterceptUnsubscription(InterceptingUnsubscriptionEventArgs unsubscription)
    {
        _visitors.GetValueOrDefault(unsubscription.ClientId)?.Filters.TryRemove(unsubscription.Topic ?? "", out _);
        return Task.CompletedTask;
    }
}
