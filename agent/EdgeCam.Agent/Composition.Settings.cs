using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Mqtt;
using EdgeCam.Agent.Settings;

namespace EdgeCam.Agent;

/// <summary>What settings do to the running agent.</summary>
internal sealed partial class Composition : ISettingsTarget
{
    private readonly SettingsService? _settings;
    private readonly AgentLog _log;
    private readonly CancellationTokenSource _restart = new();

    /// <summary>It has ended to be made anew, by other settings.</summary>
    public bool WantsRestart => _restart.IsCancellationRequested;

    BrokerCondition? ISettingsTarget.Broker => BrokerNow();

    IReadOnlyList<CameraReport> ISettingsTarget.Cameras => _media.Cameras;

    void ISettingsTarget.Apply(SettingsChange change, AgentOptions options)
    {
        _log.Levels.Configure(options.Log.Level);
        _media.Apply(change, options);
        _devices.Apply(options);
        _operations.Apply(options);
        if (change.RenewsBroker && Broker is null)
            Connection?.Replace(ConnectionOptions(_topics, options.Mqtt));
    }

    void ISettingsTarget.Restart() => _restart.Cancel();

    void ISettingsTarget.Tell(string kind, byte[] json) => Tell(kind, json);

    void ISettingsTarget.Report(byte[] json) => Connection?.Publish(_topics.ConfigReported, json, Queueing.Newest, TimeSpan.Zero, retain: true);

    private BrokerCondition? BrokerNow() => Connection is { } connection ? new(connection.IsConnected, connection.Connections, connection.Problem) : null;

    /// <summary>Takes what <c>config/desired</c> holds, where it is known who set it.</summary>
    private void ConnectSettings()
    {
        if (_settings is { } settings && Connection is not null)
            Connection.Subscribe(_topics.ConfigDesired, message => settings.ReceiveDesired(message.Payload, message.Oversized), isRetained: true);
    }
}
