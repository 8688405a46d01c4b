using EdgeCam.Agent.Settings;

namespace EdgeCam.Agent.Tests.Configuration;

/// <summary>Each mistake is named with its key and its remedy, and all of them at once.</summary>
public sealed class MistakeTests
{
    [Theory]
    [InlineData("""{ "mqtt": { "embedded": { "prot": 1 } } }""", "mqtt.embedded.prot", "mqtt.embedded.port")]
    [InlineData("""{ "mqtt": { "broker": "" } }""", "mqtt.broker", "null for the default")]
    [InlineData("""{ "mqtt": { "borker": "mqtt://a" } }""", "mqtt.borker", "mqtt.broker")]
    [InlineData("""{ "prefix": "a" }""", "prefix", "mqtt.prefix")]
    [InlineData("""{ "Device": {} }""", "Device", "device")]
    [InlineData("""{ "zzzzzzzz": 1 }""", "zzzzzzzz", "deploy/edgecam.json")]
    [InlineData("""{ "mqtt": { "embedded": { "port": "1883" } } }""", "mqtt.embedded.port", "whole number")]
    [InlineData("""{ "mqtt": { "embedded": { "port": 70000 } } }""", "mqtt.embedded.port", "between 0 and 65535")]
    [InlineData("""{ "mqtt": { "embedded": { "port": 1e99 } } }""", "mqtt.embedded.port", "whole number")]
    [InlineData("""{ "mqtt": { "prefix": "a/b/c/d" } }""", "mqtt.prefix", "1 to 3 levels")]
    [InlineData("""{ "mqtt": { "prefix": "a/#" } }""", "mqtt.prefix", "1 to 3 levels")]
    [InlineData("""{ "mqtt": { "broker": "http://a" } }""", "mqtt.broker", "mqtt://host:1883")]
    [InlineData("""{ "mqtt": { "broker": "mqtt://user:secret@a" } }""", "mqtt.broker", "without user and query")]
    [InlineData("""{ "mqtt": { "broker": "mqtt://a/path" } }""", "mqtt.broker", "ws://host/path")]
    [InlineData("""{ "mqtt": { "broker": "wss://a/mqtt?token=x" } }""", "mqtt.broker", "without user and query")]
    [InlineData("""{ "mqtt": { "broker": "mqtt://a", "caFile": "/dev/null" } }""", "mqtt.caFile", "Write mqtts:// or wss://")]
    [InlineData("""{ "mqtt": { "broker": "ws://a/mqtt", "alpn": "mqtt" } }""", "mqtt.alpn", "Write mqtts:// or wss://")]
    [InlineData("""{ "mqtt": { "broker": "wss://a/mqtt", "alpn": "mqtt" } }""", "mqtt.alpn", "remove alpn")]
    [InlineData("""{ "mqtt": { "broker": "mqtts://a", "alpn": "" } }""", "mqtt.alpn", "null for the default")]
    [InlineData("""{ "mqtt": { "broker": "mqtts://a", "clientId": "a thing" } }""", "mqtt.clientId", "without blanks")]
    [InlineData("""{ "mqtt": { "clientId": "thing" } }""", "mqtt.broker", "Name the broker")]
    [InlineData("""{ "mqtt": { "broker": "mqtts://a", "certificateFile": "/dev/null" } }""", "mqtt.keyFile", "wants both")]
    [InlineData("""{ "mqtt": { "broker": "mqtts://a", "keyFile": "/dev/null" } }""", "mqtt.certificateFile", "wants both")]
    [InlineData("""{ "mqtt": { "broker": "mqtts://a", "certificateFile": "/nowhere/x", "keyFile": "/nowhere/y" } }""", "mqtt.keyFile", "Check the path")]
    [InlineData("""{ "mqtt": { "broker": "mqtts://a", "certificateFile": "/dev/null", "keyFile": "/dev/null" } }""", "mqtt.certificateFile", "BEGIN PRIVATE KEY")]
    [InlineData("""{ "mqtt": { "broker": "mqtts://a", "certificateFile": "/dev/null", "keyFile": "/dev/null" } }""", "mqtt.keyFile", "chmod 640")]
    [InlineData("""{ "mqtt": { "webSocketUrl": "https://a" } }""", "mqtt.webSocketUrl", "wss://")]
    [InlineData("""{ "mqtt": { "username": "u" } }""", "mqtt.broker", "Name the broker")]
    [InlineData("""{ "mqtt": { "broker": "mqtt://a", "passwordFile": "/" } }""", "mqtt.username", "Name the user")]
    [InlineData("""{ "mqtt": { "broker": "mqtt://a", "username": "u", "passwordFile": "/nowhere/x" } }""", "mqtt.passwordFile", "Check the path")]
    [InlineData("""{ "security": { "access": "open" }, "http": { "bind": "0.0.0.0:8080" } }""", "http.bind", "edgecam token")]
    [InlineData("""{ "security": { "access": "open" }, "http": { "bind": "192.168.1.7:80" } }""", "http.bind", "bind 127.0.0.1")]
    [InlineData("""{ "security": { "access": "open" }, "mqtt": { "broker": "mqtts://broker.example.org" } }""", "mqtt.broker", "edgecam token")]
    [InlineData("""{ "security": { "access": "open" }, "http": { "hosts": ["cam.example.org"] } }""", "http.hosts", "edgecam token")]
    [InlineData("""{ "security": { "access": "open" }, "mqtt": { "broker": "mqtt://127.0.0.1", "webSocketUrl": "wss://broker.example.org/mqtt" } }""", "mqtt.webSocketUrl", "edgecam token")]
    [InlineData("""{ "http": { "bind": "0.0.0.0:8080" } }""", "http.bind", "\"allowPlaintext\": true")]
    [InlineData("""{ "http": { "bind": "[::]:8080", "hosts": ["cam.example.org"] } }""", "http.bind", "http.certificateFile")]
    [InlineData("""{ "http": { "bind": "192.168.1.7:8080" }, "security": { "access": "bearer" } }""", "http.bind", "bind 127.0.0.1")]
    [InlineData("""{ "security": { "issuers": [ { "keysFile": "/x" } ] } }""", "security.issuers[0].name", "no default")]
    [InlineData("""{ "security": { "issuers": [ { "name": "fleet" } ] } }""", "security.issuers[0]", "keysFile, or the keys")]
    [InlineData("""{ "security": { "issuers": [ { "name": "fleet", "keys": ["x"], "keysFile": "/nowhere/x" } ] } }""", "security.issuers[0]", "keysFile, or the keys")]
    [InlineData("""{ "security": { "issuers": [ { "name": "fleet", "keysFile": "/nowhere/x" } ] } }""", "security.issuers[0].keysFile", "Check the path")]
    [InlineData("""{ "security": { "issuers": [ { "name": "fleet", "keysFile": "/etc/hostname" } ] } }""", "security.issuers[0].keysFile", "BEGIN PUBLIC KEY")]
    [InlineData("""{ "security": { "issuers": [ { "name": "fleet", "keys": ["{}"] } ] } }""", "security.issuers[0].keys[0]", "JWK set")]
    [InlineData("""{ "device": { "id": "porch" }, "security": { "issuers": [ { "name": "porch", "keys": ["{}"] } ] } }""", "security.issuers[0].name", "name of its own")]
    [InlineData("""{ "security": { "issuers": [ { "name": "a", "keys": ["{}"] }, { "name": "a", "keys": ["{}"] } ] } }""", "security.issuers[1].name", "into one file")]
    [InlineData("""{ "security": { "issuers": [ { "name": "a", "keys": ["{}"], "scopes": [] } ] } }""", "security.issuers[0].scopes", "all of them")]
    [InlineData("""{ "security": { "issuers": [ { "name": "a", "keys": ["{}"], "scopes": ["view", "fly"] } ] } }""", "security.issuers[0].scopes[1]", "view, ptz, gpio, record, manage")]
    [InlineData("""{ "security": { "clockSkewSeconds": 301 } }""", "security.clockSkewSeconds", "between 0 and 300")]
    [InlineData("""{ "security": { "revokedFile": "/nowhere/x" } }""", "security.revokedFile", "Check the path")]
    [InlineData("""{ "security": { "revokedFile": "/etc/hostname" } }""", "security.revokedFile", "\"tokens\"")]
    [InlineData("""{ "publish": [ { "camera": "cam0", "to": "whip:https://a/b" } ] }""", "publish[0].name", "no default")]
    [InlineData("""{ "publish": [ { "name": "A b", "camera": "cam0", "to": "whip:https://a/b" } ] }""", "publish[0].name", "a-z")]
    [InlineData("""{ "publish": [ { "name": "a", "camera": "cam9", "to": "whip:https://a/b" } ] }""", "publish[0].camera", "cam0")]
    [InlineData("""{ "publish": [ { "name": "a", "camera": "cam0", "to": "whip:https://a/b" }, { "name": "a", "camera": "cam0", "to": "whip:https://a/b" } ] }""", "publish[1].name", "name of its own")]
    [InlineData("""{ "publish": [ { "name": "a", "camera": "cam0" } ] }""", "publish[0].to", "toFile")]
    [InlineData("""{ "publish": [ { "name": "a", "camera": "cam0", "to": "whip:https://a/b", "toFile": "/etc/hostname" } ] }""", "publish[0].to", "toFile")]
    [InlineData("""{ "publish": [ { "name": "a", "camera": "cam0", "to": "https://a/b" } ] }""", "publish[0].to", "whip:https://")]
    [InlineData("""{ "publish": [ { "name": "a", "camera": "cam0", "to": "whip:rtmp://a/b" } ] }""", "publish[0].to", "whip:https://")]
    [InlineData("""{ "publish": [ { "name": "a", "camera": "cam0", "to": "whip:http://sfu.example/b" } ] }""", "publish[0].to", "allowPlaintext")]
    [InlineData("""{ "publish": [ { "name": "a", "camera": "cam0", "to": "whip:https://me:secret@a/b" } ] }""", "publish[0].to", "bearerTokenFile")]
    [InlineData("""{ "publish": [ { "name": "a", "camera": "cam0", "to": "whip:https://a/b", "bearerTokenFile": "/nowhere/x" } ] }""", "publish[0].bearerTokenFile", "Check the path")]
    [InlineData("""{ "recording": { "mode": "always" } }""", "recording.mode", "off, onRequest or continuous")]
    [InlineData("""{ "recording": { "folder": "recordings" } }""", "recording.folder", "full path")]
    [InlineData("""{ "recording": { "segmentSeconds": 4 } }""", "recording.segmentSeconds", "between 5 and 3600")]
    [InlineData("""{ "recording": { "maxMegabytes": 1 } }""", "recording.maxMegabytes", "between 16 and")]
    [InlineData("""{ "recording": { "cameras": [{ "camera": "cam7", "mode": "off" }] } }""", "recording.cameras[0].camera", "Name one of: cam0")]
    [InlineData("""{ "recording": { "cameras": [{ "camera": "cam0", "mode": "off" }, { "camera": "cam0", "mode": "off" }] } }""", "recording.cameras[1].camera", "one of the two")]
    [InlineData("""{ "recording": { "cameras": [{ "camera": "cam0", "mode": "on" }] } }""", "recording.cameras[0].mode", "off, onRequest or continuous")]
    [InlineData("""{ "security": { "remoteKeys": ["security.issuers", "cameras[].command"] } }""", "security.remoteKeys[1]", "These can: security.issuers")]
    [InlineData("""{ "security": { "remoteKeys": ["gpio"] } }""", "security.remoteKeys[0]", "These can: security.issuers")]
    [InlineData("""{ "device": { "groups": ["porches", "group:garden"] } }""", "device.groups[1]", "without group:")]
    [InlineData("""{ "peers": { "maxSessionsPerViewer": 0 } }""", "peers.maxSessionsPerViewer", "between 1 and 1000")]
    [InlineData("""{ "peers": { "offersPerMinute": 0 } }""", "peers.offersPerMinute", "between 1 and 6000")]
    [InlineData("""{ "security": { "access": "all" } }""", "security.access", "tokens, bearer or open")]
    [InlineData("""{ "security": { "pageUrl": "porch.local" } }""", "security.pageUrl", "https://host/")]
    [InlineData("""{ "security": { "pageUrl": "https://porch.local/#device=porch" } }""", "security.pageUrl", "without #")]
    [InlineData("""{ "http": { "certificateFile": "/nowhere/x", "keyFile": "/nowhere/y" } }""", "http.certificateFile", "Check the path")]
    [InlineData("""{ "http": { "certificateFile": "/dev/null" } }""", "http.keyFile", "needs both")]
    [InlineData("""{ "http": { "keyFile": "/dev/null" } }""", "http.certificateFile", "needs both")]
    [InlineData("""{ "http": { "certificateFile": "/dev/null", "keyFile": "/dev/null" } }""", "http.certificateFile", "BEGIN PRIVATE KEY")]
    [InlineData("""{ "http": { "bind": "localhost:80" } }""", "http.bind", "127.0.0.1:8080")]
    [InlineData("""{ "http": { "hosts": ["https://a/"] } }""", "http.hosts[0]", "bare name")]
    [InlineData("""{ "http": { "hosts": [7] } }""", "http.hosts[0]", "quotes")]
    [InlineData("""{ "http": { "enabled": false }, "mqtt": { "embedded": { "enabled": false } } }""", "http.enabled", "mqtt.broker")]
    [InlineData("""{ "http": true }""", "http", "a section")]
    [InlineData("""{ "http": { "enabled": "yes" } }""", "http.enabled", "true or false")]
    [InlineData("""{ "device": { "id": "Kitchen Cam" } }""", "device.id", "a-z, 0-9")]
    [InlineData("""{ "cameras": [] }""", "cameras", "at least one")]
    [InlineData("""{ "cameras": [ { "source": "rpicam:0" } ] }""", "cameras[0].name", "no default")]
    [InlineData("""{ "cameras": [ { "name": "a", "source": "rpicam:0" }, { "name": "a", "source": "rpicam:1" } ] }""", "cameras[1].name", "name of its own")]
    [InlineData("""{ "cameras": [ { "name": "a", "source": "rpicam:0", "width": 5 } ] }""", "cameras[0].width", "between 64 and 4096")]
    [InlineData("""{ "cameras": [ { "name": "a", "source": "rpicam:0", "profile": "high" } ] }""", "cameras[0].profile", "baseline or main")]
    [InlineData("""{ "cameras": [ { "name": "a", "source": "rpicam:0", "command": [] } ] }""", "cameras[0].command", "rpicam-vid")]
    [InlineData("""{ "cameras": { } }""", "cameras", "a list of sections")]
    [InlineData("""{ "peers": { "maxViewers": 0 } }""", "peers.maxViewers", "between 1 and 1000")]
    [InlineData("""{ "peers": { "port": 1, "port": 2 } }""", "peers.port", "one of them")]
    [InlineData("""{ "peers": { "turnServers": [ { "secretFile": "/x" } ] } }""", "peers.turnServers[0].url", "no default")]
    [InlineData("""{ "peers": { "turnServers": [ { "url": "turn:a" } ] } }""", "peers.turnServers[0]", "secretFile")]
    [InlineData("""{ "peers": { "turnServers": [ { "url": "stun:a", "secretFile": "/x" } ] } }""", "peers.turnServers[0].url", "turn:host:3478?transport=udp")]
    [InlineData("""{ "peers": { "turnServers": [ { "url": "turns:a?transport=udp", "secretFile": "/x" } ] } }""", "peers.turnServers[0].url", "turns:host:5349")]
    [InlineData("""{ "peers": { "turnServers": [ { "url": "turn:a", "secretFile": "/nowhere/x" } ] } }""", "peers.turnServers[0].secretFile", "Check the path")]
    [InlineData("""{ "peers": { "turnServers": [ { "url": "turn:a", "secretFile": "/dev/null" } ] } }""", "peers.turnServers[0].secretFile", "on one line")]
    [InlineData("""{ "peers": { "turnServers": [ { "url": "turn:a", "secretFile": "/x", "passwordFile": "/x" } ] } }""", "peers.turnServers[0].secretFile", "Leave one")]
    [InlineData("""{ "peers": { "turnServers": [ { "url": "turn:a", "passwordFile": "/x" } ] } }""", "peers.turnServers[0].username", "Name the user")]
    [InlineData("""{ "peers": { "turnServers": [ { "url": "turn:a", "username": "u", "secretFile": "/x" } ] } }""", "peers.turnServers[0].username", "Remove it")]
    [InlineData("""{ "peers": { "turnServers": [ { "url": "turn:a", "secretFile": "/x" } ], "turnCaFile": "/nowhere/x" } }""", "peers.turnCaFile", "turns:")]
    [InlineData("""{ "peers": { "turnServers": [ { "url": "turns:a", "secretFile": "/x" } ], "turnCaFile": "/dev/null" } }""", "peers.turnCaFile", "BEGIN CERTIFICATE")]
    [InlineData("""{ "peers": { "turnCredentialSeconds": 59 } }""", "peers.turnCredentialSeconds", "between 60 and 86400")]
    [InlineData("""{ "peers": { "icePolicy": "direct" } }""", "peers.icePolicy", "all or relay")]
    [InlineData("""{ "peers": { "icePolicy": "relay" } }""", "peers.icePolicy", "peers.turnServers")]
    [InlineData("""{ "peers": { "advertise": ["203.0.113.7", "cam.example.org"] } }""", "peers.advertise[1]", "203.0.113.7:50001")]
    [InlineData("""{ "peers": { "advertise": ["224.0.0.1"] } }""", "peers.advertise[0]", "IP address")]
    [InlineData("""{ "peers": { "advertise": ["2001:db8::1:50000"] } }""", "peers.advertise[0]", "in brackets")]
    [InlineData("""{ "peers": { "advertise": ["203.0.113.7:0"] } }""", "peers.advertise[0]", "with the port")]
    [InlineData("""{ "telemetry": { "periodSeconds": 4 } }""", "telemetry.periodSeconds", "between 5 and 3600")]
    [InlineData("""{ "telemetry": { "addresses": "yes" } }""", "telemetry.addresses", "hidden or shown")]
    [InlineData("""{ "telemetry": { "otlpEndpoint": "collector:4318" } }""", "telemetry.otlpEndpoint", "http://host:4318")]
    [InlineData("""{ "telemetry": { "otlpEndpoint": "https://user:secret@collector" } }""", "telemetry.otlpEndpoint", "without user")]
    [InlineData("""{ "homeAssistant": { "enabled": true } }""", "homeAssistant.enabled", "mqtt.broker")]
    [InlineData("""{ "homeAssistant": { "commands": true } }""", "homeAssistant.commands", "homeAssistant.enabled")]
    [InlineData("""{ "homeAssistant": { "prefix": "a/b" } }""", "homeAssistant.prefix", "1 to 64 characters")]
    [InlineData("""{ "gpio": { "chip": "gpiochip0" } }""", "gpio.chip", "/dev/gpiochip0")]
    [InlineData("""{ "gpio": { "lines": [ { "name": "a", "offset": 1, "chip": "unix:x" } ] } }""", "gpio.lines[0].chip", "unix:PATH")]
    [InlineData("""{ "gpio": { "lines": [ { "name": "a", "offset": 1 }, { "name": "a", "offset": 2 } ] } }""", "gpio.lines[1].name", "name of its own")]
    [InlineData("""{ "gpio": { "lines": [ { "name": "a", "offset": 1 }, { "name": "b", "offset": 1, "chip": "/dev/gpiochip0" } ] } }""", "gpio.lines[1].offset", "gpioinfo")]
    [InlineData("""{ "gpio": { "lines": [ { "name": "a", "offset": 1, "debounceMilliseconds": 5 } ] } }""", "gpio.lines[0].debounceMilliseconds", "input")]
    [InlineData("""{ "gpio": { "lines": [ { "name": "a", "offset": 1, "pull": "up" } ] } }""", "gpio.lines[0].pull", "input")]
    [InlineData("""{ "gpio": { "lines": [ { "name": "a", "offset": 1, "direction": "input", "maxOnSeconds": 5 } ] } }""", "gpio.lines[0].maxOnSeconds", "output")]
    [InlineData("""{ "gpio": { "lines": [ { "name": "a", "offset": 1, "direction": "input", "maxOperationsPerMinute": 5 } ] } }""", "gpio.lines[0].maxOperationsPerMinute", "output")]
    [InlineData("""{ "gpio": { "lines": [ { "name": "a", "offset": 1, "direction": "input", "initial": true } ] } }""", "gpio.lines[0].initial", "output")]
    [InlineData("""{ "gpio": { "lines": [ { "name": "a", "offset": 1, "direction": "input", "safe": true } ] } }""", "gpio.lines[0].safe", "output")]
    [InlineData("""{ "gpio": { "lines": [ { "name": "a", "offset": 1, "safe": true, "maxOnSeconds": 5 } ] } }""", "gpio.lines[0].maxOnSeconds", "remove maxOnSeconds")]
    [InlineData("""{ "gpio": { "pwm": [ { "name": "a", "source": "/sys/class/pwm/pwmchip0" } ] } }""", "gpio.pwm[0].source", "?channel=0")]
    [InlineData("""{ "gpio": { "pwm": [ { "name": "a", "source": "pwm:/p?channel=0&channel=1" } ] } }""", "gpio.pwm[0].source", "?channel=0")]
    [InlineData("""{ "gpio": { "pwm": [ { "name": "a", "source": "pwm:/p?x=1?channel=0" } ] } }""", "gpio.pwm[0].source", "?channel=0")]
    [InlineData("""{ "gpio": { "pwm": [ { "name": "a", "source": "pwm:/p?channel=256" } ] } }""", "gpio.pwm[0].source", "?channel=0")]
    [InlineData("""{ "gpio": { "pwm": [ { "name": "a", "source": "pwm:/p?channel=0" }, { "name": "b", "source": "pwm:/p?channel=0" } ] } }""", "gpio.pwm[1].source", "channel once")]
    [InlineData("""{ "gpio": { "lines": [ { "name": "a", "offset": 1 } ], "pwm": [ { "name": "a", "source": "pwm:/p?channel=0" } ] } }""", "gpio.pwm[0].name", "name of its own")]
    [InlineData("""{ "gpio": { "lines": [ { "name": "a", "offset": 1 } ], "interlocks": [ { "never": ["a", "a"] } ] } }""", "gpio.interlocks[0].never", "at least two")]
    [InlineData("""{ "gpio": { "lines": [ { "name": "a", "offset": 1 } ], "interlocks": [ { "never": ["a", "b"] } ] } }""", "gpio.interlocks[0].never", "gpio.lines")]
    [InlineData("""{ "gpio": { "lines": [ { "name": "a", "offset": 1 }, { "name": "b", "offset": 2, "direction": "input" } ], "interlocks": [ { "never": ["a", "b"] } ] } }""", "gpio.interlocks[0].never", "outputs only")]
    [InlineData("""{ "gpio": { "lines": [ { "name": "a", "offset": 1, "initial": true }, { "name": "b", "offset": 2, "initial": true } ], "interlocks": [ { "never": ["a", "b"] } ] } }""", "gpio.interlocks[0].never", "\"initial\": false")]
    [InlineData("""{ "gpio": { "lines": [ { "name": "a", "offset": 1, "safe": true }, { "name": "b", "offset": 2, "safe": true } ], "interlocks": [ { "never": ["a", "b"] } ] } }""", "gpio.interlocks[0].never", "\"safe\": false")]
    [InlineData("""{ "gpio": { "lines": [ { "name": "a", "offset": 1, "safe": true }, { "name": "b", "offset": 2, "chip": "/dev/gpiochip1" } ], "interlocks": [ { "never": ["a", "b"] } ] } }""", "gpio.interlocks[0].never", "to one chip")]
    [InlineData("""{ "log": { "level": "loud" } }""", "log.level", "debug, information, warning or error")]
    [InlineData("[]", "", "{")]
    [InlineData("{ \"log\": \n  oops }", "", "comma")]
    public void A_mistake_is_named_with_key_and_remedy(string json, string key, string remedy)
    {
        var (options, mistakes) = AgentOptionsReader.Parse(json);

        Assert.Null(options);
        Assert.Contains(mistakes, mistake => mistake.Key == key && mistake.Remedy.Contains(remedy, StringComparison.Ordinal));
    }

    [Fact]
    public void All_mistakes_are_named_at_once()
    {
        var (_, mistakes) = AgentOptionsReader.Parse("""
            {
              "mqtt": { "prefix": "", "embedded": { "prot": 1 } },
              "peers": { "port": -1, "maxViewers": "many" },
              "cameras": [ { "name": "UPPER", "source": "rpicam:0", "height": 1 } ],
              "http": { "bind": "8080" }
            }
            """);

        Assert.Equal(
            ["cameras[0].height", "cameras[0].name", "http.bind", "mqtt.embedded.prot", "mqtt.prefix", "peers.maxViewers", "peers.port"],
            mistakes.Select(mistake => mistake.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_value_in_question_is_shown()
    {
        var (_, mistakes) = AgentOptionsReader.Parse("""{ "cameras": [ { "name": "a", "source": "rpicam:0", "width": 5 } ] }""");

        Assert.Equal("cameras[0].width: is 5\n    It must be between 64 and 4096.", Assert.Single(mistakes).ToString());
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var (options, mistakes) = AgentOptionsReader.Read("/nowhere/edgecam.json");

        Assert.Null(options);
        Assert.Contains("/nowhere/edgecam.json", Assert.Single(mistakes).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_in_a_broker_address_is_not_repeated()
    {
        var (_, mistakes) = AgentOptionsReader.Parse("""{ "mqtt": { "broker": "mqtt://user:hunter2@a" } }""");

        Assert.DoesNotContain(mistakes, mistake => mistake.ToString().Contains("hunter2", StringComparison.Ordinal));
    }
}
