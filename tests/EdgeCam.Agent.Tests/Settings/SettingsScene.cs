using System.Text;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Settings;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Settings;

/// <summary>The settings' loop and an agent that does as it is told, turned by hand in virtual time.</summary>
internal sealed class SettingsScene : ISettingsTarget, IDisposable
{
    private readonly AccessPolicy _access = OpenAccess.Policy("porch");
    private ControlDispatcher _dispatcher;

    public SettingsScene(string own = "{}")
    {
        Place = new(own);
        (Service, _dispatcher) = Start();
    }

    public SettingsPlace Place { get; }

    public ManualTime Time { get; } = new(ManualTime.SetClock);

    public SettingsService Service { get; private set; }

    public SettingsKeeper Keeper => Service.Keeper;

    public LogLines<SettingsService> Log { get; } = new();

    public DropCounters Drops { get; } = new();

    /// <summary>An update is being installed, or on trial.</summary>
    public bool IsUpdating { get; set; }

    public BrokerCondition? Broker { get; set; } = new(true, 1, null);

    public IReadOnlyList<CameraReport> Cameras { get; set; } = [new("cam0", "live", 1280, 720)];

    /// <summary>What was put into effect in the running agent.</summary>
    public List<(SettingsChange Change, AgentOptions Options)> Applied { get; } = [];

    public int Restarts { get; private set; }

    public List<JsonNode> Events { get; } = [];

    public List<JsonNode> Reports { get; } = [];

    /// <summary>All that was told, for those who look for what must not be.</summary>
    public StringBuilder Said { get; } = new();

    public void Apply(SettingsChange change, AgentOptions options) => Applied.Add((change, options));

    public void Restart() => Restarts++;

    public void Tell(string kind, byte[] json) => Keep(json, Events);

    public void Report(byte[] json) => Keep(json, Reports);

    /// <summary>As after a restart of the agent's parts, or of the process where it is to read the files.</summary>
    public void StartAgain(bool isProcess) => (Service, _dispatcher) = Start(isProcess ? Place.Open(Time) : Keeper);

    /// <summary>The result of a call, or its error.</summary>
    public JsonNode Call(string method, string parameters = "{}", AccessScope scopes = AccessScope.All)
    {
        var request = Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters}}}""");
        var answering = _dispatcher.HandleAsync(request, new("mqtt:ann", new("Ann", scopes), CallerOrigin.Mqtt)).AsTask();
        Service.Serve();
        var text = Encoding.UTF8.GetString(answering.WaitAsync(TimeSpan.FromSeconds(10)).GetAwaiter().GetResult()!);
        Said.AppendLine(text);
        var answer = JsonNode.Parse(text)!;
        return answer["result"] ?? answer["error"]!;
    }

    public JsonNode Set(string patch) => Call("config.set", $$"""{"patch":{{patch}}}""");

    public void Desire(string payload)
    {
        Service.ReceiveDesired(Encoding.UTF8.GetBytes(payload));
        Pass(TimeSpan.FromSeconds(1));
    }

    public void Pass(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromMilliseconds(500))
        {
            Time.Advance(TimeSpan.FromMilliseconds(500));
            Service.Look();
        }
    }

    public void Dispose()
    {
        _access.Dispose();
        Drops.Dispose();
        Place.Dispose();
    }

    private (SettingsService, ControlDispatcher) Start(SettingsKeeper? keeper = null)
    {
        var door = new DesiredDoor(_access, new(_access, Place.State, Time, Log), Time, Log);
        var service = new SettingsService(keeper ?? Place.Open(Time), door.Open, Apart, Drops, Time, Log);
        service.Begin(this);
        return (service, new(new(SettingsMethods.Create(service)), Time, Drops, NullLogger<ControlDispatcher>.Instance));
    }

    private bool Apart(Action work)
    {
        if (!IsUpdating)
            work();
        return !IsUpdating;
    }

    private void Keep(byte[] json, List<JsonNode> messages)
    {
        Said.AppendLine(Encoding.UTF8.GetString(json));
        messages.Add(JsonNode.Parse(json)!);
    }
}
