using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Settings;

namespace EdgeCam.Agent.Tests.Configuration;

/// <summary>deploy/edgecam.json, the table of keys and the record tree say the same.</summary>
public sealed class ConfigurationFileTests
{
    private static readonly string s_shipped = File.ReadAllText(Path.Combine(RepositoryRoot(), "deploy", "edgecam.json"));

    private static readonly string[] s_emptyLists = ["security.issuers", "peers.turnServers", "ptz", "gpio.lines", "gpio.pwm", "gpio.interlocks", "publish", "recording.cameras"];

    private static readonly string s_publicKey = PublicKey();
    private static readonly Lazy<string> s_keysFile = new(static () => FileOf("a-key.pem", s_publicKey));
    private static readonly Lazy<string> s_revokedFile = new(static () => FileOf("revoked.json", "{}"));
    private static readonly Lazy<string> s_certificate = new(CertificateFile);
    private static readonly string s_secret = Path.Combine(AppContext.BaseDirectory, "EdgeCam.Agent.Tests.runtimeconfig.json"); // any small file

    [Fact]
    public void The_shipped_file_holds_every_key_at_its_default()
    {
        var (options, mistakes) = AgentOptionsReader.Parse(s_shipped);

        Assert.Empty(mistakes);
        Assert.Equal(Flatten(new AgentOptions()), Flatten(options!));
        Assert.Equal(
            ConfigurationKeys.All.Select(key => key.Path).Where(path => !s_emptyLists.Any(list => path.StartsWith(list + "[]", StringComparison.Ordinal))).Order(StringComparer.Ordinal),
            PathsIn(JsonNode.Parse(s_shipped, documentOptions: new() { CommentHandling = JsonCommentHandling.Skip })!, "").Order(StringComparer.Ordinal));
    }

    /// <summary>A list that is empty by default has its keys in the comment above it.</summary>
    [Fact]
    public void The_keys_of_a_list_that_is_empty_stand_in_the_comment_above_it()
    {
        foreach (var list in s_emptyLists)
        {
            var lines = s_shipped.Split('\n');
            var at = Array.FindIndex(lines, line => line.TrimStart().StartsWith($"\"{list.Split('.')[^1]}\": []", StringComparison.Ordinal));
            var comment = string.Join('\n', lines.Take(at).Reverse().TakeWhile(line => line.TrimStart().StartsWith("//", StringComparison.Ordinal)));
            foreach (var key in ConfigurationKeys.All.Where(key => key.Path.StartsWith(list + "[].", StringComparison.Ordinal)))
                Assert.Contains($"\"{key.Path.Split('.')[^1]}\"", comment, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_table_of_keys_is_the_record_tree() =>
        Assert.Equal(Describe(typeof(AgentOptions), "").Order(StringComparer.Ordinal), ConfigurationKeys.All.Select(key => $"{key.Path} {key.Kind}").Order(StringComparer.Ordinal));

    [Fact]
    public void Each_key_of_the_shipped_file_has_a_comment_or_stands_below_one()
    {
        var lines = s_shipped.Split('\n');
        for (var i = 1; i < lines.Length; i++)
        {
            if (!lines[i].TrimStart().StartsWith('"') || lines[i].TrimEnd().EndsWith('{'))
                continue;
            var above = lines[i - 1].TrimStart();
            Assert.True(above.StartsWith("//", StringComparison.Ordinal) || above.StartsWith('"'), $"line {i + 1} has no comment: {lines[i]}");
        }
    }

    [Theory]
    [MemberData(nameof(Leaves))]
    public void Each_key_binds(string path)
    {
        var (json, binds) = Changed(path);

        var (options, mistakes) = AgentOptionsReader.Parse(json, mayHoldSecrets: true);

        Assert.True(mistakes.Count == 0, string.Join('\n', mistakes));
        var defaults = Flatten(new AgentOptions());
        var changed = Flatten(options!);
        var differing = changed.Except(defaults).Select(pair => pair.Key).ToArray();
        Assert.Contains(differing, key => key == binds || key.StartsWith(binds + "[", StringComparison.Ordinal));
    }

    [Fact]
    public void An_empty_list_differs_from_no_list()
    {
        var (options, _) = AgentOptionsReader.Parse("""{ "peers": { "excludedInterfaces": [] } }""");
        Assert.Empty(options!.Peers.ExcludedInterfaces);
    }

    [Fact]
    public void A_secret_does_not_stand_in_the_operator_s_file()
    {
        var mistake = Assert.Single(AgentOptionsReader.Parse("""{ "mqtt": { "broker": "mqtt://b", "username": "u", "password": "hunter2" } }""").Mistakes);
        Assert.Equal("mqtt.password", mistake.Key);
        Assert.Contains("mqtt.passwordFile", mistake.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", mistake.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Null_stands_for_the_default()
    {
        var (options, mistakes) = AgentOptionsReader.Parse("""{ "peers": { "port": null, "excludedInterfaces": null }, "mqtt": null }""");
        Assert.Empty(mistakes);
        Assert.Equal(Flatten(new AgentOptions()), Flatten(options!));
    }

    public static TheoryData<string> Leaves() =>
        [.. ConfigurationKeys.All.Where(key => key.Kind is not (ConfigurationKind.Section or ConfigurationKind.SectionList)).Select(key => key.Path)];

    /// <summary>A file that changes one key and what the rules want changed with it.</summary>
    private static (string Json, string Binds) Changed(string path)
    {
        var certificate = JsonSerializer.Serialize(s_certificate.Value);
        var readable = JsonSerializer.Serialize(s_secret);
        var json = path switch
        {
            "mqtt.username" => """{ "mqtt": { "broker": "mqtt://b", "username": "u" } }""",
            "mqtt.password" => """{ "mqtt": { "broker": "mqtt://b", "username": "u", "password": "p" } }""",
            "mqtt.passwordFile" => $$"""{ "mqtt": { "broker": "mqtt://b", "username": "u", "passwordFile": {{readable}} } }""",
            "peers.turnServers[].url" => Turn("turn:a", $$""" "secretFile": {{readable}} """),
            "peers.turnServers[].secretFile" => Turn("turn:a", $$""" "secretFile": {{readable}} """),
            "peers.turnServers[].username" or "peers.turnServers[].passwordFile" or "peers.turnServers[].giveToViewers" =>
                Turn("turn:a", $$""" "username": "u", "passwordFile": {{readable}}, "giveToViewers": true """),
            "publish[].toFile" => Output($$""" "toFile": {{readable}} """),
            _ when path.StartsWith("publish[].", StringComparison.Ordinal) =>
                Output($$""" "to": "whip:http://sfu.example/a", "allowPlaintext": true, "bearerTokenFile": {{readable}}, "caFile": {{certificate}} """),
            "peers.turnCaFile" => Turn("turns:a", $$""" "secretFile": {{readable}} """, $$""", "turnCaFile": {{certificate}} """),
            "peers.icePolicy" => Turn("turn:a", $$""" "secretFile": {{readable}} """, """, "icePolicy": "relay" """),
            "peers.hideHostCandidates" => """{ "peers": { "hideHostCandidates": true } }""",
            "peers.advertise" => """{ "peers": { "advertise": ["203.0.113.7"] } }""",
            "http.certificateFile" or "http.keyFile" => $$"""{ "http": { "certificateFile": {{certificate}}, "keyFile": {{certificate}} } }""",
            "security.access" => """{ "security": { "access": "open" } }""",
            "http.allowPlaintext" => """{ "http": { "allowPlaintext": true } }""",
            "security.issuers[].name" or "security.issuers[].keys" or "security.issuers[].scopes" =>
                $$"""{ "security": { "issuers": [ { "name": "fleet", "keys": [{{JsonSerializer.Serialize(s_publicKey)}}], "scopes": ["view"] } ] } }""",
            "security.issuers[].keysFile" => $$"""{ "security": { "issuers": [ { "name": "fleet", "keysFile": {{JsonSerializer.Serialize(s_keysFile.Value)}} } ] } }""",
            "security.clockSkewSeconds" => """{ "security": { "clockSkewSeconds": 300 } }""",
            "security.revokedFile" => $$"""{ "security": { "revokedFile": {{JsonSerializer.Serialize(s_revokedFile.Value)}} } }""",
            "security.remoteKeys" => """{ "security": { "remoteKeys": ["security.issuers"] } }""",
            "security.pageUrl" => """{ "security": { "pageUrl": "https://porch.local/" } }""",
            "gpio.chip" => """{ "gpio": { "chip": "unix:/run/gpio" } }""",
            "homeAssistant.enabled" or "homeAssistant.commands" => """{ "mqtt": { "broker": "mqtt://b" }, "homeAssistant": { "enabled": true, "commands": true } }""",
            "recording.mode" => """{ "recording": { "mode": "off" } }""",
            "recording.cameras[].camera" or "recording.cameras[].mode" => """{ "recording": { "cameras": [{ "camera": "cam0", "mode": "continuous" }] } }""",
            "recording.folder" => """{ "recording": { "folder": "/srv/recordings" } }""",
            "device.stateFolder" => """{ "device": { "stateFolder": "/tmp" } }""",
            "mqtt.certificateFile" or "mqtt.keyFile" => $$"""{ "mqtt": { "broker": "mqtts://b", "certificateFile": {{certificate}}, "keyFile": {{certificate}} } }""",
            "mqtt.alpn" => """{ "mqtt": { "broker": "mqtts://b", "alpn": "mqtt" } }""",
            "mqtt.clientId" => """{ "mqtt": { "broker": "mqtts://b", "clientId": "thing" } }""",
            "mqtt.caFile" => $$"""{ "mqtt": { "broker": "mqtts://b", "caFile": {{readable}} } }""",
            _ => null,
        };
        if (json is not null)
            return (json, path.Replace("[]", "[0]", StringComparison.Ordinal));

        var value = path switch
        {
            "mqtt.broker" => "\"mqtts://broker.example:8884\"",
            "mqtt.webSocketUrl" => "\"wss://broker.example/mqtt\"",
            "http.bind" => "\"[::1]:8081\"",
            "http.hosts" => "[\"cam.example.org\"]",
            "log.level" => "\"debug\"",
            "log.format" => "\"systemd\"",
            "telemetry.addresses" => "\"shown\"",
            "telemetry.otlpEndpoint" => "\"http://collector:4318\"",
            "cameras[].profile" => "\"main\"",
            "cameras[].level" => "\"4.1\"",
            "cameras[].stallTimeoutSeconds" => "7",
            "cameras[].frameRate" => "31",
            "cameras[].encoder" => "\"software\"",
            "cameras[].encoderNode" => "\"/dev/video31\"",
            "cameras[].substream.source" => "\"rpicam:1\"",
            "cameras[].controls" => "[\"brightness=140\"]",
            "cameras[].orientation" => "\"mirror\"",
            "cameras[].transport" => "\"udp\"",
            "cameras[].minBitrate" or "cameras[].substream.bitrate" => "123456",
            "cameras[].substream.frameRate" => "7",
            _ => ConfigurationKeys.Find(path)!.Kind switch
            {
                ConfigurationKind.Integer => "1000",
                ConfigurationKind.Number => "2.5",
                ConfigurationKind.Flag => "false",
                ConfigurationKind.TextList => "[\"a\", \"b\"]",
                _ => "\"other\"",
            },
        };
        if (path == "cameras[].source")
            value = "\"file:/clip.h264\"";
        if (path == "cameras[].bitrate")
            value = "123456";
        if (path == "cameras[].keyFrameInterval")
            value = "10";
        if (path.StartsWith("cameras[].", StringComparison.Ordinal))
        {
            var source = path switch { "cameras[].credentialsFile" => "rtsp://10.0.0.9/a", "cameras[].controls" => "v4l2:/dev/video0", _ => "rpicam:0" };
            var camera = new JsonObject { ["name"] = "cam0", ["source"] = source, [path["cameras[].".Length..]] = JsonNode.Parse(value) };
            return (new JsonObject { ["cameras"] = new JsonArray(camera) }.ToJsonString(), path.Replace("[]", "[0]", StringComparison.Ordinal));
        }

        if (Listed(path, value) is { } listed)
            return listed;
        foreach (var level in path.Split('.').Reverse())
            value = $$"""{ "{{level}}": {{value}} }""";
        return (value, path);
    }

    /// <summary>An element of a list that is empty by default, with what it must have and this key.</summary>
    private static (string Json, string Binds)? Listed(string path, string value)
    {
        value = path switch
        {
            "ptz[].camera" => "\"cam0\"",
            "ptz[].driver" => "\"pelco-d:/dev/ttyUSB0\"",
            "ptz[].leaseSeconds" or "gpio.lines[].offset" or "gpio.lines[].maxOnSeconds" or "gpio.lines[].maxOperationsPerMinute" => "7",
            "ptz[].stopAfterMilliseconds" => "250",
            "gpio.lines[].direction" => "\"input\"",
            "gpio.lines[].pull" => "\"up\"",
            "gpio.lines[].scope" or "gpio.pwm[].scope" => "\"manage\"",
            "gpio.lines[].chip" => "\"/dev/gpiochip1\"",
            "gpio.pwm[].source" => "\"pwm:/sys/class/pwm/pwmchip0?channel=1\"",
            "gpio.pwm[].initial" or "gpio.pwm[].safe" => "50",
            "gpio.interlocks[].never" => "[\"a\", \"b\"]",
            _ when path.EndsWith(".channel", StringComparison.Ordinal) => "3",
            _ when path.EndsWith(".trim", StringComparison.Ordinal) => "20",
            _ when path.EndsWith(".minPulse", StringComparison.Ordinal) => "600",
            _ when path.EndsWith(".maxPulse", StringComparison.Ordinal) => "2400",
            _ when path.EndsWith(".maximum", StringComparison.Ordinal) || path.EndsWith(".softMaximum", StringComparison.Ordinal) => "9.5",
            _ when path.EndsWith(".minimum", StringComparison.Ordinal) || path.EndsWith(".softMinimum", StringComparison.Ordinal) => "1.5",
            _ when path is "gpio.lines[].activeLow" or "gpio.lines[].initial" or "gpio.lines[].safe" || path.EndsWith(".invert", StringComparison.Ordinal) => "true",
            _ => value,
        };
        if (path.IndexOf("[].", StringComparison.Ordinal) is var end && end < 0)
            return null;
        var (list, key) = (path[..end], path[(end + 3)..]);
        var element = list switch
        {
            "ptz" => new JsonObject { ["camera"] = "cam0", ["driver"] = "pelco-d:/dev/ttyUSB0" },
            "gpio.lines" => new JsonObject { ["name"] = "lamp", ["offset"] = 17 },
            "gpio.pwm" => new JsonObject { ["name"] = "dimmer", ["source"] = "pwm:/sys/class/pwm/pwmchip0?channel=0" },
            "gpio.interlocks" => new JsonObject { ["never"] = new JsonArray("a", "b") },
            _ => null,
        };
        if (element is null)
            return null;
        if (path is "gpio.lines[].pull" or "gpio.lines[].debounceMilliseconds")
            element["direction"] = "input";
        var levels = key.Split('.');
        if (levels.Length == 1)
            element[key] = JsonNode.Parse(value);
        else
            element[levels[0]] = new JsonObject { [levels[1]] = JsonNode.Parse(value) };
        JsonArray elements = [element];
        var lines = list == "gpio.interlocks" ? new JsonArray(new JsonObject { ["name"] = "a", ["offset"] = 1 }, new JsonObject { ["name"] = "b", ["offset"] = 2 }) : null;
        JsonObject json = list == "ptz" ? new() { ["ptz"] = elements } : new() { ["gpio"] = new JsonObject { [list["gpio.".Length..]] = elements } };
        if (lines is not null)
            json["gpio"]!["lines"] = lines;
        return (json.ToJsonString(), path.Replace("[]", "[0]", StringComparison.Ordinal));
    }

    private static string Output(string keys) => $$"""{ "publish": [ { "name": "a", "camera": "cam0", {{keys}} } ] }""";

    private static string Turn(string url, string keys, string beside = "") =>
        $$"""{ "peers": { "turnServers": [ { "url": "{{url}}", {{keys}} } ] {{beside}} } }""";

    /// <summary>A certificate, and its private key after it.</summary>
    private static string CertificateFile()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=a", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        var file = Path.Combine(AppContext.BaseDirectory, $"a-certificate-{certificate.SerialNumber}.pem");
        File.WriteAllText(file, $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
#pragma warning disable CA1416 // EdgeCam runs on Linux
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
#pragma warning restore CA1416
        return file;
    }

    private static string PublicKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportSubjectPublicKeyInfoPem();
    }

    private static string FileOf(string name, string content)
    {
        var file = Path.Combine(AppContext.BaseDirectory, name);
        File.WriteAllText(file, content);
#pragma warning disable CA1416 // EdgeCam runs on Linux
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
#pragma warning restore CA1416
        return file;
    }

    private static IEnumerable<string> PathsIn(JsonNode node, string path)
    {
        foreach (var (name, value) in node.AsObject())
        {
            var key = path.Length == 0 ? name : $"{path}.{name}";
            yield return key;
            var within = value switch
            {
                JsonObject section => PathsIn(section, key),
                JsonArray { Count: > 0 } list when list[0] is JsonObject first => PathsIn(first, key + "[]"),
                _ => [],
            };
            foreach (var deeper in within)
                yield return deeper;
        }
    }

    private static IEnumerable<string> Describe(Type record, string path)
    {
        foreach (var parameter in record.GetConstructors().Single(constructor => constructor.GetParameters().Length > 1).GetParameters())
        {
            var key = (path.Length == 0 ? "" : path + ".") + char.ToLowerInvariant(parameter.Name![0]) + parameter.Name[1..];
            var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
            var kind = type == typeof(string) ? ConfigurationKind.Text
                : type == typeof(int) ? ConfigurationKind.Integer
                : type == typeof(double) ? ConfigurationKind.Number
                : type == typeof(bool) ? ConfigurationKind.Flag
                : type == typeof(string[]) ? ConfigurationKind.TextList
                : type.IsArray ? ConfigurationKind.SectionList : ConfigurationKind.Section;
            yield return $"{key} {kind}";
            if (kind is ConfigurationKind.Section or ConfigurationKind.SectionList)
            {
                foreach (var deeper in Describe(type.GetElementType() ?? type, type.IsArray ? key + "[]" : key))
                    yield return deeper;
            }
        }
    }

    /// <summary>The options as the file would have them, so that lists are compared by what is in them.</summary>
    private static Dictionary<string, string?> Flatten(object record, string path = "")
    {
        Dictionary<string, string?> flat = [];
        foreach (var property in record.GetType().GetConstructors().Single(constructor => constructor.GetParameters().Length > 1).GetParameters()
                     .Select(parameter => record.GetType().GetProperty(parameter.Name!, BindingFlags.Public | BindingFlags.Instance)!))
        {
            var key = (path.Length == 0 ? "" : path + ".") + char.ToLowerInvariant(property.Name[0]) + property.Name[1..];
            Add(key, property.GetValue(record));
        }

        return flat;

        void Add(string key, object? value)
        {
            switch (value)
            {
                case null or string or int or double or bool:
                    flat[key] = Convert.ToString(value, CultureInfo.InvariantCulture);
                    break;
                case IEnumerable list:
                    var index = 0;
                    foreach (var element in list)
                        Add($"{key}[{index++}]", element);
                    break;
                default:
                    foreach (var (inner, text) in Flatten(value, key))
                        flat[inner] = text;
                    break;
            }
        }
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "EdgeCam.sln")))
            folder = folder.Parent;
        return folder.FullName;
    }
}
