using System.Globalization;
using System.Net;
using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Http;
using EdgeCam.Agent.Peers;

namespace EdgeCam.Agent.Settings;

/// <summary>
/// Everything that can be said about the options before anything starts. Ranges and patterns stand as attributes on the records and are
/// checked by generated code; what needs two keys or the machine is checked here.
/// </summary>
internal static class AgentOptionsValidator
{
    private const int MaxAdvertised = 8;

    private static readonly AgentOptionsRules s_rules = new();

    /// <param name="written">The value that a key has in the file.</param>
    public static IReadOnlyList<ConfigurationMistake> Check(AgentOptions options, Func<string, string?> written)
    {
        List<ConfigurationMistake> mistakes = [.. RuleBreaks(options, written)];
        CheckCameras(options.Cameras, mistakes);
        MqttRules.Check(options.Mqtt, mistakes);
        CheckHttp(options.Http, mistakes);
        AccessRules.Check(options, mistakes);
        GpioRules.Check(options.Gpio, mistakes);
        CheckPeers(options.Peers, mistakes);
        PtzRules.Check(options, mistakes);
        TelemetryRules.Check(options, mistakes);
        PublishRules.Check(options, mistakes);
        RecordingRules.Check(options, mistakes);
        if (!options.Mqtt.IsEnabled && !options.Http.Enabled)
        {
            mistakes.Add(new("http.enabled", "is false, and there is no MQTT broker either: no viewer could ever connect",
                "Set http.enabled or mqtt.embedded.enabled to true, or name a broker in mqtt.broker."));
        }

        return mistakes;
    }

    private static void CheckCameras(CameraOptions[] cameras, List<ConfigurationMistake> mistakes)
    {
        if (cameras.Length == 0)
            mistakes.Add(new("cameras", "has no camera", "Write at least one, or leave the key out for the Raspberry Pi's first camera."));
        for (var i = 0; i < cameras.Length; i++)
        {
            var where = string.Create(CultureInfo.InvariantCulture, $"cameras[{i}]");
            if (Array.FindIndex(cameras, camera => camera.Name == cameras[i].Name) < i)
                mistakes.Add(new($"{where}.name", $"\"{cameras[i].Name}\" is the name of another camera too", "Give each camera a name of its own."));
            if (cameras[i].Command is { Length: 0 })
                mistakes.Add(new($"{where}.command", "is empty", "Name the program to run, or write null for rpicam-vid."));
            else if (!mistakes.Exists(known => known.Key.StartsWith(where, StringComparison.Ordinal)) && CameraSources.FindMistake(cameras[i]) is { } mistake)
                mistakes.Add(new(where, "cannot be used", mistake));
        }
    }

    private static void CheckHttp(HttpOptions http, List<ConfigurationMistake> mistakes)
    {
        if (!IPEndPoint.TryParse(http.Bind, out _) || !http.Bind.Contains(':', StringComparison.Ordinal))
        {
            mistakes.Add(new("http.bind", $"\"{http.Bind}\" is not an address and port", "Write an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080."));
        }

        for (var i = 0; i < http.Hosts.Length; i++)
        {
            if (Uri.CheckHostName(http.Hosts[i]) == UriHostNameType.Unknown)
            {
                mistakes.Add(new(string.Create(CultureInfo.InvariantCulture, $"http.hosts[{i}]"), $"\"{http.Hosts[i]}\" is not a host name",
                    "Write the bare name, without http:// and without port."));
            }
        }
    }

    private static void CheckPeers(PeersOptions peers, List<ConfigurationMistake> mistakes)
    {
        for (var i = 0; i < peers.StunServers.Length; i++)
        {
            if (!StunServers.TryParse(peers.StunServers[i], out _, out _))
            {
                mistakes.Add(new(string.Create(CultureInfo.InvariantCulture, $"peers.stunServers[{i}]"), $"\"{peers.StunServers[i]}\" is not a host and port",
                    "Write host or host:port, such as stun.example.org:3478, without stun: in front."));
            }
        }

        TurnServersRules.Check(peers, mistakes);
        CheckIce(peers, mistakes);
    }

    private static void CheckIce(PeersOptions peers, List<ConfigurationMistake> mistakes)
    {
        if (peers.IsRelayOnly && peers.TurnServers.Length == 0)
        {
            mistakes.Add(new("peers.icePolicy", "is relay, yet there is no TURN server: no viewer could ever connect",
                "Name one in peers.turnServers, or write all."));
        }

        for (var i = 0; i < peers.Advertise.Length; i++)
        {
            if (!AdvertisedAddress.TryParse(peers.Advertise[i], out _))
            {
                mistakes.Add(new(string.Create(CultureInfo.InvariantCulture, $"peers.advertise[{i}]"), $"\"{peers.Advertise[i]}\" is not an address that viewers could reach",
                    "Write an IP address such as 203.0.113.7, with the port where that is another: 203.0.113.7:50001; IPv6 in brackets."));
            }
        }

        if (peers.Advertise.Length > MaxAdvertised)
            mistakes.Add(new("peers.advertise", $"has {peers.Advertise.Length} addresses", $"Name at most {MaxAdvertised}: each is one more for every viewer to try."));
    }

    internal static void CheckReadable(string key, string? path, List<ConfigurationMistake> mistakes)
    {
        if (path is null)
            return;
        try
        {
            using var file = File.OpenRead(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            mistakes.Add(new(key, $"{path} cannot be read", "Check the path, and that the user who runs edgecam may read it."));
        }
    }

    /// <summary>
    /// Generated rules say <c>Width: The field AgentOptions.Cameras[0].Width must be …</c>; the operator reads the key and what it must be.
    /// </summary>
    private static IEnumerable<ConfigurationMistake> RuleBreaks(AgentOptions options, Func<string, string?> written)
    {
        foreach (var failure in s_rules.Validate(null, options).Failures ?? [])
        {
            var member = failure.Split(' ').First(word => word.StartsWith(nameof(AgentOptions) + ".", StringComparison.Ordinal));
            var key = string.Join('.', member.Split('.').Skip(1).Select(level => char.ToLowerInvariant(level[0]) + level[1..]));
            var must = failure.IndexOf("must be", StringComparison.Ordinal);
            var value = written(key) is { Length: <= 80 } text ? $"is {text}" : "has a value that cannot be used";
            yield return new(key, value, must < 0 ? "It is required: write it." : $"It {failure[must..].TrimEnd('.')}.");
        }
    }
}
