using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Devices.Gpio;
using EdgeCam.Agent.Devices.Ptz;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Http;
using EdgeCam.Agent.Management;
using EdgeCam.Agent.Management.HomeAssistant;
using EdgeCam.Agent.Mqtt;
using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Publishing;
using EdgeCam.Agent.Recording;
using EdgeCam.Agent.Security;
using Microsoft.Extensions.Options;

namespace EdgeCam.Agent;

/// <summary>
/// The whole configuration: bound once, validated before anything starts, never changed. An absent section has its defaults.
/// Positional all the way down, because the binding generator silently ignores <c>init</c> properties that are not parameters; and it
/// assigns null to those that are, where their section is absent: hence the bodies of these.
/// </summary>
/// <param name="Cameras">Absent: one camera, the Raspberry Pi's first.</param>
internal sealed record AgentOptions(
    DeviceOptions? Device = null,
    CameraOptions[]? Cameras = null,
    MqttOptions? Mqtt = null,
    HttpOptions? Http = null,
    SecurityOptions? Security = null,
    PtzOptions[]? Ptz = null,
    GpioOptions? Gpio = null,
    PeersOptions? Peers = null,
    LogOptions? Log = null,
    TelemetryOptions? Telemetry = null,
    HomeAssistantOptions? HomeAssistant = null,
    PublishOptions[]? Publish = null,
    RecordingOptions? Recording = null)
{
    [ValidateObjectMembers]
    public DeviceOptions Device { get; init => field = value ?? new(); } = Device ?? new();

    [ValidateEnumeratedItems]
    public CameraOptions[] Cameras { get; init => field = value ?? [new("cam0", "rpicam:0")]; } = Cameras ?? [new("cam0", "rpicam:0")];

    [ValidateObjectMembers]
    public MqttOptions Mqtt { get; init => field = value ?? new(); } = Mqtt ?? new();

    public HttpOptions Http { get; init => field = value ?? new(); } = Http ?? new();

    [ValidateObjectMembers]
    public SecurityOptions Security { get; init => field = value ?? new(); } = Security ?? new();

    [ValidateEnumeratedItems]
    public PtzOptions[] Ptz { get; init => field = value ?? []; } = Ptz ?? [];

    [ValidateObjectMembers]
    public GpioOptions Gpio { get; init => field = value ?? new(); } = Gpio ?? new();

    [ValidateObjectMembers]
    public PeersOptions Peers { get; init => field = value ?? new(); } = Peers ?? new();

    [ValidateObjectMembers]
    public LogOptions Log { get; init => field = value ?? new(); } = Log ?? new();

    [ValidateObjectMembers]
    public TelemetryOptions Telemetry { get; init => field = value ?? new(); } = Telemetry ?? new();

    [ValidateObjectMembers]
    public HomeAssistantOptions HomeAssistant { get; init => field = value ?? new(); } = HomeAssistant ?? new();

    [ValidateEnumeratedItems]
    public PublishOptions[] Publish { get; init => field = value ?? []; } = Publish ?? [];

    [ValidateObjectMembers]
    public RecordingOptions Recording { get; init => field = value ?? new(); } = Recording ?? new();
}
