using System.Collections;
using System.Net;
using System.Security.Cryptography;
using EdgeCam.Agent.Diagnostics;
using MQTTnet;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace EdgeCam.Agent.Mqtt;

/// <summary>
/// The broker inside the agent, for a device that has no other: the maker's Pi and the demo. It serves this machine only, and lets each
/// client do what <see cref="BrokerRules"/> allow.
/// </summary>
/// <remarks>Left out: persistent sessions, TLS, users other than the agent itself.</remarks>
internal sealed class EmbeddedBroker : IDisposable
{
    /// <summary>The agent's own user name; its password is made at each start and never leaves the process.</summary>
    public const string DeviceUser = "edgecam-device";

    private const string RoleItem = "role";
    private const string FiltersItem = "filters";
    private const string BudgetItem = "budget";
    private const int MaxPending = 100;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    private readonly BrokerRules _rules;
    private readonly BrokerAdapter _adapter;
    private readonly DropCounters _drops;
    private readonly ILogger _log;
    private readonly MqttServer _server;

    /// <exception cref="System.Net.Sockets.SocketException">The port is taken.</exception>
    public EmbeddedBroker(EmbeddedBrokerOptions options, MqttTopics topics, DropCounters drops, ILogger<EmbeddedBroker> log)
    {
        (_rules, _drops, _log) = (new(topics), drops, log);
        _adapter = new(options.Port, drops);
        _server = new MqttServerFactory().CreateMqttServer(
            new MqttServerOptions
            {
                DefaultCommunicationTimeout = s_timeout,
                EnablePersistentSessions = false,
                MaxPendingMessagesPerClient = MaxPending,
                PendingMessagesOverflowStrategy = MqttPendingMessagesOverflowStrategy.DropOldestQueuedMessage,
            },
            [_adapter],
            new BrokerLogger(log));
        _server.ValidatingConnectionAsync += Validate;
        _server.InterceptingPublishAsync += InterceptPublish;
        _server.InterceptingSubscriptionAsync += InterceptSubscription;
        _server.InterceptingUnsubscriptionAsync += InterceptUnsubscription;
    }

    public byte[] DevicePassword { get; } = Convert.ToHexString(RandomNumberGenerator.GetBytes(32)).Select(letter => (byte)letter).ToArray();

    /// <summary>The TCP port in use.</summary>
    public int Port => _adapter.Port;

    public async Task StartAsync()
    {
        await _server.StartAsync();
        _log.BrokerListens(Port);
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

    private Task Validate(ValidatingConnectionEventArgs connection)
    {
        var role = BrokerRole.Viewer;
        if (!string.IsNullOrEmpty(connection.UserName))
        {
            if (connection.UserName != DeviceUser || !CryptographicOperations.FixedTimeEquals(connection.RawPassword ?? [], DevicePassword))
            {
                connection.ReasonCode = MqttConnectReasonCode.BadUserNameOrPassword;
                _drops.Count(Stage.Signaling, DropReason.Forbidden);
                return Task.CompletedTask;
            }

            role = BrokerRole.Device;
        }

        var client = connection.ClientId;
        if (string.IsNullOrEmpty(client))
            client = connection.AssignedClientIdentifier = "viewer-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        if (!_rules.MayConnect(role, client))
        {
            connection.ReasonCode = MqttConnectReasonCode.ClientIdentifierNotValid;
            _drops.Count(Stage.Signaling, DropReason.Forbidden);
            return Task.CompletedTask;
        }

        connection.SessionItems[RoleItem] = role;
        connection.SessionItems[FiltersItem] = new HashSet<string>(StringComparer.Ordinal);
        connection.SessionItems[BudgetItem] = new PublishBudget();
        return Task.CompletedTask;
    }

    /// <summary>Messages and wills alike.</summary>
    private Task InterceptPublish(InterceptingPublishEventArgs publish)
    {
        var message = publish.ApplicationMessage;
        var role = RoleOf(publish.SessionItems);
        var reason = !_rules.MayPublish(role, publish.ClientId, message.Topic ?? "") ? DropReason.Forbidden
            : message.Retain && !_rules.MayRetain(role, message.Topic!) ? DropReason.Retained
            : role == BrokerRole.Viewer && (publish.SessionItems?[BudgetItem] as PublishBudget)?.TryTake() == false ? DropReason.RateLimited
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
        var filters = subscription.SessionItems[FiltersItem] as HashSet<string>;
        if (!_rules.MaySubscribe(RoleOf(subscription.SessionItems), subscription.ClientId, filter))
        {
            subscription.ProcessSubscription = false;
            subscription.Response.ReasonCode = MqttSubscribeReasonCode.NotAuthorized;
            _drops.Count(Stage.Signaling, DropReason.Forbidden);
        }
        else if (filters is null || (!filters.Contains(filter) && filters.Count >= BrokerRules.MaxSubscriptions))
        {
            subscription.ProcessSubscription = false;
            subscription.Response.ReasonCode = MqttSubscribeReasonCode.QuotaExceeded;
            _drops.Count(Stage.Signaling, DropReason.TooMany);
        }
        else
        {
            filters.Add(filter); // a session's packets are handled one at a time
        }

        return Task.CompletedTask;
    }

    private Task InterceptUnsubscription(InterceptingUnsubscriptionEventArgs unsubscription)
    {
        (unsubscription.SessionItems[FiltersItem] as HashSet<string>)?.Remove(unsubscription.Topic ?? "");
        return Task.CompletedTask;
    }

    private static BrokerRole RoleOf(IDictionary? items) => items?[RoleItem] is BrokerRole role ? role : BrokerRole.Viewer;
}
