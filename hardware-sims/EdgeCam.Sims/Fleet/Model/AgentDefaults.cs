using System.Text.Json.Nodes;

namespace EdgeCam.Sims.Fleet.Model;

/// <summary>The configuration that a simulated device comes with. Made when it is asked for, so that nothing of it is held for each device.</summary>
internal static class AgentDefaults
{
    /// <summary>Every key with its value in force, as <c>config.get</c> tells it.</summary>
    public static JsonObject Values(AgentProfile profile)
    {
        var values = JsonNode.Parse("""
            {"device":{"id":"","name":"","stateFolder":"/var/lib/edgecam","groups":[]},"cameras":[],
             "mqtt":{"broker":"","prefix":"","username":null,"passwordFile":null,"caFile":null,"certificateFile":null,"keyFile":null,"alpn":null,"clientId":null,"keepAliveSeconds":30,"webSocketUrl":null,"embedded":{"enabled":true,"port":1883}},
             "http":{"enabled":true,"bind":"127.0.0.1:8080","hosts":[],"certificateFile":null,"keyFile":null,"allowPlaintext":false},
             "security":{"access":"tokens","pageUrl":null,"issuers":[],"clockSkewSeconds":30,"revokedFile":null,"remoteKeys":[]},"ptz":[],
             "gpio":{"chip":"/dev/gpiochip0","lines":[],"pwm":[],"interlocks":[]},
             "peers":{"port":50000,"maxViewers":64,"maxSessionsPerViewer":null,"offersPerMinute":120,"excludedInterfaces":["docker*","veth*","br-*"],"stunServers":[],"turnServers":[],"turnCaFile":null,"turnCredentialSeconds":3600,"icePolicy":"all","hideHostCandidates":false,"advertise":[],"segmentation":true},
             "log":{"level":"information","format":"auto"},"telemetry":{"enabled":true,"periodSeconds":30,"addresses":"hidden","otlpEndpoint":null},
             "homeAssistant":{"enabled":false,"prefix":"homeassistant","commands":false}}
            """)!.AsObject();
        (values["device"]!["id"], values["device"]!["name"]) = (profile.Id, profile.Name);
        (values["mqtt"]!["broker"], values["mqtt"]!["prefix"]) = (profile.Broker, profile.Prefix);
        values["telemetry"]!["periodSeconds"] = profile.Telemetry.TotalSeconds;
        for (var i = 0; i < profile.Cameras; i++)
            values["cameras"]!.AsArray().Add(Camera(i));
        return values;
    }

    /// <summary>What would stand in the operator's file.</summary>
    public static JsonObject Own(AgentProfile profile) => new()
    {
        ["device"] = new JsonObject { ["id"] = profile.Id, ["name"] = profile.Name },
        ["mqtt"] = new JsonObject { ["broker"] = profile.Broker },
    };

    private static JsonNode? Camera(int number)
    {
        var camera = JsonNode.Parse("""
            {"name":"","source":"","width":1920,"height":1080,"frameRate":30,"bitrate":2500000,"keyFrameInterval":60,"profile":"baseline","level":null,"command":["rpicam-vid"],"extraArguments":null,
             "stallTimeoutSeconds":5,"encoder":"camera","minBitrate":500000,"substream":{"enabled":true,"width":null,"height":null,"frameRate":null,"bitrate":300000}}
            """)!;
        (camera["name"], camera["source"]) = ($"cam{number}", $"rpicam:{number}");
        return camera;
    }
}
