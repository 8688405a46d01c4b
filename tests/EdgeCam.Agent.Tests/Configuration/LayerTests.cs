using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Settings;

namespace EdgeCam.Agent.Tests.Configuration;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>The operator's file, and over it what was set remotely.</summary>
public sealed class LayerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-layers-").FullName;

    private string Own => Path.Combine(_folder, "edgecam.json");

    private string State => Path.Combine(_folder, "state");

    private string Remote => Path.Combine(State, "config.json");

    public void Dispose()
    {
        if (Directory.Exists(State))
            File.SetUnixFileMode(State, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The cases of RFC 7396, appendix A, whose both sides are objects.</summary>
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", "{}")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("{}", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void A_patch_is_merged_as_RFC_7396_has_it(string target, string patch, string result) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(result), MergePatch.Apply(JsonNode.Parse(target)!.AsObject(), JsonNode.Parse(patch)!.AsObject())));

    [Fact]
    public void Without_a_remote_file_the_operator_s_is_in_force()
    {
        var configuration = Load("""{ "log": { "level": "debug" } }""", null);
        Assert.Equal(("debug", null), (configuration.Options!.Log.Level, configuration.RemoteFile));
    }

    [Fact]
    public void What_was_set_remotely_is_merged_over_it()
    {
        var configuration = Load(
            """{ "log": { "level": "debug", "format": "text" }, "peers": { "port": 1, "maxViewers": 2, "stunServers": ["a:1", "b:2"] } }""",
            """{ "log": { "level": null }, "peers": { "port": 3, "stunServers": ["c:3"] }, "device": { "name": "Porch" } }""");

        Assert.Empty(configuration.RemoteMistakes);
        var options = configuration.Options!;
        Assert.Equal(("information", "text", 3, 2, "Porch"), (options.Log.Level, options.Log.Format, options.Peers.Port, options.Peers.MaxViewers, options.Device.Name));
        Assert.Equal(["c:3"], options.Peers.StunServers);
        Assert.Equal(4, configuration.RemoteKeys);
    }

    [Theory]
    [InlineData("""{ "log": { "levle": "debug" } }""", "log.levle: is not a key", "log.level")]
    [InlineData("""{ "cameras": [{ "name": "a", "source": "rpicam:0", "width": 5 }] }""", "cameras[0].width: is 5", "between 64 and 4096")]
    [InlineData("""{ "peers": { "icePolicy": "relay" } }""", "peers.icePolicy: is relay, yet", "TURN")]
    [InlineData("""{ "peers": """, "the file is not JSON", "line 1")]
    [InlineData("""{ "device": { "name": "\ud83d" } }""", "half a character", "UTF-8")]
    [InlineData("[]", "not a JSON object", "Write {")]
    public async Task A_remote_file_with_a_mistake_is_left_out_as_a_whole(string remote, string mistake, string remedy)
    {
        var configuration = Load("""{ "log": { "level": "debug" } }""", remote);

        Assert.Equal("debug", configuration.Options!.Log.Level);
        var said = Assert.Single(configuration.RemoteMistakes).ToString();
        Assert.StartsWith($"{Remote}: ", said, StringComparison.Ordinal);
        Assert.Contains(mistake, said, StringComparison.Ordinal);
        Assert.Contains(remedy, said, StringComparison.Ordinal);
        Assert.Equal(0, configuration.RemoteKeys);

        var (code, output, errors) = await RunAsync("check", "--config", Own);
        Assert.Equal(1, code);
        Assert.Equal($"{Own}: good\n", output);
        Assert.Contains($"{Remote}: 1 mistake\n{Remote} is left out: what {Own} says is in force.", errors, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("safe", "--config", Own)).Code); // no dead device
    }

    [Theory]
    [InlineData("""{ "security": { "access": "bearer" } }""", "security")]
    [InlineData("""{ "security": { "pageUrl": "https://evil.example/" } }""", "security")]
    [InlineData("""{ "security": null }""", "security")]
    [InlineData("""{ "device": { "stateFolder": "/tmp" } }""", "device.stateFolder")]
    [InlineData("""{ "device": { "stateFolder": null } }""", "device.stateFolder")]
    [InlineData("""{ "device": null }""", "device.stateFolder")]
    [InlineData("""{ "device": { "id": "other" } }""", "device.id")]
    [InlineData("""{ "device": { "groups": ["everybody"] } }""", "device.groups")]
    [InlineData("""{ "security": { "issuers": [{ "name": "evil", "keysFile": "/tmp/evil.pem" }] } }""", "security")]
    [InlineData("""{ "security": { "remoteKeys": ["security.issuers"], "issuers": [{ "name": "evil", "keysFile": "/tmp/evil.pem" }] } }""", "security")] // it does not open itself
    [InlineData("""{ "http": { "bind": "0.0.0.0:80" } }""", "http")]
    [InlineData("""{ "mqtt": { "embedded": { "enabled": false } } }""", "mqtt.embedded")]
    [InlineData("""{ "mqtt": { "passwordFile": "/etc/shadow" } }""", "mqtt.passwordFile")]
    [InlineData("""{ "peers": { "turnServers": [{ "url": "turn:evil.example", "username": "u", "passwordFile": "/etc/shadow", "giveToViewers": true }] } }""", "peers.turnServers")]
    [InlineData("""{ "gpio": { "interlocks": [] } }""", "gpio")]
    [InlineData("""{ "cameras": [{ "name": "cam0", "source": "rpicam:0", "command": ["/bin/sh", "-c", "id"] }] }""", "cameras[0].command")]
    [InlineData("""{ "cameras": [{ "name": "cam0", "source": "rpicam:0" }] }""", "cameras[0].command")] // that would drop the operator's
    [InlineData("""{ "cameras": [{ "name": "new", "source": "rpicam:0", "command": ["edgecam-sims", "camera"] }] }""", "cameras[0].command")]
    [InlineData("""{ "ptz": [{ "camera": "cam0", "driver": "pelco-d:/dev/ttyUSB0" }] }""", "ptz[0].driver")]
    public void What_is_the_operator_s_alone_is_refused(string remote, string key)
    {
        const string Mine = """{ "cameras": [{ "name": "cam0", "source": "rpicam:0", "command": ["edgecam-sims", "camera"] }], "security": { "access": "tokens" } }""";
        var configuration = Load(Mine, remote);

        var mistake = configuration.RemoteMistakes[0];
        Assert.Equal((Remote, key), (mistake.File, mistake.Key));
        Assert.Contains("set on the device itself only", mistake.Problem, StringComparison.Ordinal);
        Assert.Contains(Own, mistake.Remedy, StringComparison.Ordinal);
        Assert.Equal(AccessMode.Tokens, configuration.Options!.Security.Mode);
        Assert.Equal(State, configuration.Options.Device.StateFolder);
    }

    [Fact]
    public void A_cameras_password_is_told_to_no_address_that_was_set_remotely()
    {
        const string Mine = """{ "cameras": [{ "name": "porch", "source": "rtsp://10.0.0.9/a", "credentialsFile": "/etc/edgecam/porch" }, { "name": "open", "source": "rtsp://10.0.0.8/a" }] }""";
        var refused = Load(Mine, """{ "cameras": [{ "name": "porch", "source": "rtsp://evil.example/a", "credentialsFile": "/etc/edgecam/porch" }] }""").RemoteMistakes[0];
        Assert.Equal("cameras[0].source", refused.Key);
        Assert.Contains("the password in credentialsFile is told to it", refused.Problem, StringComparison.Ordinal);
        Assert.Equal("cameras[0].credentialsFile", Load(Mine, """{ "cameras": [{ "name": "porch", "source": "rtsp://evil.example/a" }] }""").RemoteMistakes[0].Key);
        Assert.Equal("cameras[0].credentialsFile", Load(Mine, """{ "cameras": [{ "name": "open", "source": "rtsp://10.0.0.8/a", "credentialsFile": "/etc/shadow" }] }""").RemoteMistakes[0].Key);
        Assert.Empty(Load(Mine, """
            { "cameras": [{ "name": "porch", "source": "rtsp://10.0.0.9/a", "credentialsFile": "/etc/edgecam/porch", "stallTimeoutSeconds": 9 }, { "name": "open", "source": "rtsp://10.0.0.7/b" }] }
            """).RemoteMistakes);
    }

    [Theory]
    [InlineData("rpicam:1", true)]
    [InlineData("v4l2:/dev/video4", true)]
    [InlineData("rtsp://10.0.0.7/b", true)]
    [InlineData("rtsp://porch.lan:8554/b", true)]
    [InlineData("file:/etc/shadow", false)]
    [InlineData("v4l2:/dev/mem", false)]
    [InlineData("v4l2:/dev/video", false)]
    [InlineData("v4l2:/dev/video0/../mem", false)]
    [InlineData("v4l2:/dev/v4l/by-id/x", false)]
    [InlineData("rtsp://127.0.0.1:1883/b", false)]
    [InlineData("rtsp://127.1/b", false)]
    [InlineData("rtsp://2130706433/b", false)]
    [InlineData("rtsp://0.0.0.0/b", false)]
    [InlineData("rtsp://169.254.169.254/b", false)]
    [InlineData("rtsp://[::1]/b", false)]
    [InlineData("rtsp://[::ffff:127.0.0.1]/b", false)]
    [InlineData("rtsp://[fe80::1]/b", false)]
    [InlineData("rtsp://localhost/b", false)]
    [InlineData("rtsp://a.LOCALHOST./b", false)]
    public void A_source_that_is_set_remotely_is_a_camera(string source, bool isTaken)
    {
        const string Mine = """{ "cameras": [{ "name": "cam0", "source": "file:/usr/share/clip.h264" }] }""";
        foreach (var name in new[] { "cam0", "new" })
        {
            var mistakes = Load(Mine, $$"""{ "cameras": [{ "name": "{{name}}", "source": "{{source}}", "encoder": "camera" }] }""").RemoteMistakes;
            Assert.Equal(isTaken ? [] : ["cameras[0].source"], mistakes.Select(mistake => mistake.Key));
        }

        Assert.Empty(Load(Mine, """{ "cameras": [{ "name": "cam0", "source": "file:/usr/share/clip.h264", "stallTimeoutSeconds": 9 }] }""").RemoteMistakes);
    }

    [Fact]
    public void Where_it_says_what_the_operator_says_it_may_stand_there()
    {
        const string Mine = """{ "cameras": [{ "name": "cam0", "source": "rpicam:0", "command": ["edgecam-sims", "camera"] }], "http": { "bind": "127.0.0.1:8081" } }""";
        var configuration = Load(Mine, """
            { "http": { "bind": "127.0.0.1:8081" },
              "cameras": [{ "name": "new", "source": "rpicam:1" }, { "name": "cam0", "source": "rpicam:0", "command": ["edgecam-sims", "camera"], "bitrate": 900000 }] }
            """);
        Assert.Empty(configuration.RemoteMistakes);
        Assert.Equal((2, 900_000), (configuration.Options!.Cameras.Length, configuration.Options.Cameras[1].Bitrate));
    }

    [Fact]
    public void Each_key_that_is_the_operator_s_alone_is_a_key()
    {
        Assert.All(LocalKeys.All, key => Assert.NotNull(ConfigurationKeys.Find(key.Path)));
        Assert.All(LocalKeys.Openable, path => Assert.NotNull(ConfigurationKeys.Find(path)));
    }

    /// <summary>Where the operator opens it on the device, and there alone, and only that key.</summary>
    [Fact]
    public void Issuers_may_be_set_remotely_where_the_operator_opened_them()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var issuers = $$"""[{ "name": "https://fleet.example.org", "keys": [{{JsonSerializer.Serialize(key.ExportSubjectPublicKeyInfoPem())}}] }]""";
        const string Mine = """{ "security": { "remoteKeys": ["security.issuers"] } }""";

        var opened = Load(Mine, $$"""{ "security": { "issuers": {{issuers}} } }""");
        Assert.Empty(opened.RemoteMistakes);
        Assert.Equal("https://fleet.example.org", Assert.Single(opened.Options!.Security.Issuers).Name);
        Assert.Equal(["security.issuers"], opened.Options.Security.RemoteKeys);

        foreach (var more in new[] { "\"access\": \"bearer\"", "\"remoteKeys\": null", "\"revokedFile\": \"/tmp/x\"", "\"clockSkewSeconds\": 300" })
            Assert.Equal("security", Load(Mine, $$"""{ "security": { {{more}}, "issuers": {{issuers}} } }""").RemoteMistakes[0].Key);
        Assert.Equal("security", Load(Mine, """{ "security": null }""").RemoteMistakes[0].Key);
        Assert.StartsWith("security.issuers[0]", Load(Mine, """{ "security": { "issuers": [{ "name": "fleet" }] } }""").RemoteMistakes[0].Key, StringComparison.Ordinal);
    }

    /// <summary>A file's content must not be told to whom a remote setting names, nor a program be run by one.</summary>
    [Fact]
    public void No_key_that_names_a_file_or_a_program_is_set_remotely()
    {
        var open = ConfigurationKeys.All.Where(key => !LocalKeys.All.Any(local => key.Path == local.Path || key.Path.StartsWith(local.Path + ".", StringComparison.Ordinal) || key.Path.StartsWith(local.Path + "[", StringComparison.Ordinal)));
        Assert.DoesNotContain(open, key => key.Path.EndsWith("File", StringComparison.Ordinal) || key.Path.EndsWith("Folder", StringComparison.Ordinal) || key.Path.EndsWith("command", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite, 0b111_000_000)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite, 0b111_000_000)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite, 0b111_111_000)]
    public void A_remote_file_that_others_may_write_is_left_out(UnixFileMode mode, int folder)
    {
        Load("{}", """{ "log": { "level": "debug" } }""");
        File.SetUnixFileMode(Remote, mode);
        File.SetUnixFileMode(State, (UnixFileMode)folder);

        var configuration = LayeredConfiguration.Load(Own);

        Assert.Contains("may be written by others", Assert.Single(configuration.RemoteMistakes).ToString(), StringComparison.Ordinal);
        Assert.Equal("information", configuration.Options!.Log.Level);
    }

    [Fact]
    public void A_remote_file_of_somebody_else_is_left_out_and_root_reads_the_service_s()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root gives files away");
        Load("{}", """{ "log": { "level": "debug" } }""");
        Agent.Security.Interop.FileOwner.Give(Remote, new(12345, 12345));
        Assert.Contains("another user", Assert.Single(LayeredConfiguration.Load(Own).RemoteMistakes).Problem, StringComparison.Ordinal);

        Agent.Security.Interop.FileOwner.Give(State, new(12345, 12345));
        Assert.Equal("debug", LayeredConfiguration.Load(Own).Options!.Log.Level);
    }

    [Fact]
    public void A_remote_file_that_may_not_be_looked_at_is_no_missing_one()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "root reads everything");
        Load("{}", """{ "log": { "level": "debug" } }""");
        File.SetUnixFileMode(State, UnixFileMode.None);
        Assert.Contains("cannot be read", Assert.Single(LayeredConfiguration.Load(Own).RemoteMistakes).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_remote_file_larger_than_any_configuration_is_left_out() =>
        Assert.Contains("larger", Assert.Single(Load("{}", "{" + new string(' ', 300_000) + "}").RemoteMistakes).Problem, StringComparison.Ordinal);

    [Fact]
    public async Task A_mistake_of_the_operator_s_names_his_file()
    {
        Load("""{ "peers": { "maxViewers": 0 } }""", """{ "log": { "level": "debug" } }""");
        var (code, output, errors) = await RunAsync("check", "--config", Own);
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith($"{Own}: peers.maxViewers: is 0\n", errors, StringComparison.Ordinal);
        Assert.EndsWith($"{Own}: 1 mistake\n", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_says_how_much_is_set_remotely()
    {
        Load("{}", """{ "log": { "level": "debug" } }""");
        Assert.Equal((0, $"{Own}: good\n{Remote}: good, it sets 1 key\n", ""), await RunAsync("check", "--config", Own));
        Load("{}", """{ "log": { "level": "debug" }, "peers": { "stunServers": ["a:1", "b:2"] } }""");
        Assert.EndsWith("it sets 2 keys\n", (await RunAsync("check", "--config", Own)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_key_is_shown_with_its_value_and_its_origin()
    {
        Load(
            """{ "log": { "level": "debug", "format": "text" }, "peers": { "port": 1 }, "cameras": [{ "name": "cam0", "source": "rpicam:0", "width": 1920 }], "ptz": [{ "camera": "cam0", "driver": "pelco-d:/dev/ttyUSB0", "pan": { "maxSpeed": 5 } }] }""",
            """{ "log": { "level": "error", "format": null }, "cameras": [{ "name": "cam0", "source": "rpicam:0", "height": 1080, "encoder": "software" }] }""");

        var (code, output, errors) = await RunAsync("check", "--origins", "--config", Own);

        Assert.True(code == 0, errors);
        var lines = output.Split('\n');
        foreach (var line in (string[])[
            "remote  log.level = \"error\"", "default log.format = \"auto\"", "base    peers.port = 1", "default peers.maxViewers = 64", "default cameras[0].width = 1280",
            "remote  cameras[0].height = 1080", "base    ptz[0].pan.maxSpeed = 5", "default gpio.lines = []", "default device.id = null", $"base    device.stateFolder = {JsonSerializer.Serialize(State)}"])
            Assert.Contains(line, lines);
    }

    /// <summary>Without a word in either file, what is shown is the shipped file, key by key.</summary>
    [Fact]
    public void All_keys_are_shown()
    {
        var shown = EffectiveConfiguration.List(Load("{}", null));
        Assert.All(shown.Where(key => key.Path != "device.stateFolder"), key => Assert.Equal(ConfigurationOrigin.Default, key.Origin));
        string[] lists = ["security.issuers", "gpio.lines", "gpio.pwm", "gpio.interlocks", "ptz", "peers.turnServers", "publish", "recording.cameras"];
        var expected = ConfigurationKeys.All
            .Where(key => key.Kind is not (ConfigurationKind.Section or ConfigurationKind.SectionList) && !lists.Any(list => key.Path.StartsWith(list + "[", StringComparison.Ordinal)))
            .Select(key => key.Path.Replace("[]", "[0]", StringComparison.Ordinal)).Concat(lists);
        Assert.Equal(expected.Order(StringComparer.Ordinal), shown.Select(key => key.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_password_in_an_address_is_not_shown()
    {
        var shown = EffectiveConfiguration.List(Load("""{ "device": { "name": "rtsp://ann:hunter2@10.0.0.7/x" } }""", null));
        Assert.Equal("\"rtsp://…@10.0.0.7/x\"", shown.Single(key => key.Path == "device.name").Value);
    }

    private LayeredConfiguration Load(string own, string? remote)
    {
        var json = JsonNode.Parse(own)!.AsObject();
        json["device"] ??= new JsonObject();
        json["device"]!["stateFolder"] = State;
        File.WriteAllText(Own, json.ToJsonString());
        StateFile.CreateFolder(State);
        if (remote is not null)
            StateFile.Write(Remote, System.Text.Encoding.UTF8.GetBytes(remote));
        return LayeredConfiguration.Load(Own);
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var code = await CommandLine.RunAsync(arguments, null!, output, errors);
        return (code, output.ToString(), errors.ToString());
    }
}
