using System.Diagnostics;
using EdgeCam.Agent.Tests.Support;
using MQTTnet;

namespace EdgeCam.Agent.Tests.Mqtt;

/// <summary>
/// deploy/broker's rules at a real mosquitto, whole: each role says and hears every kind of topic of two devices, and gets what it may and nothing
/// beside it, whatever it subscribes to.
/// </summary>
public sealed class MosquittoRulesTests : IAsyncLifetime
{
    private const string Device = "porch", Viewer = "alice", Operator = "operator", Home = "homeassistant", All = "everything";

    private static readonly string s_shipped = Path.Combine(Tool.RepositoryRoot(), "deploy", "broker");

    private static readonly string[] s_devices = [Device, "garden"];

    /// <summary>Whose place below a device a topic is: the viewer's own, another viewer's, and the operator's.</summary>
    private static readonly string[] s_clients = [Viewer, "bob", Operator];

    private static readonly string[] s_topics =
    [
        .. s_devices.SelectMany(static device => Below().Select(path => $"edgecam/v1/{device}/{path}")),
        .. s_devices.Select(static device => $"homeassistant/device/{device}/config"), "homeassistant/status", "homeassistant/sensor/porch/config",
        "edgecam/v2/porch/status", "edgecam/v1/status", "porch/status", "edgecam/v1/porch", "edgecam",
    ];

    private readonly Mosquitto _mosquitto = new();
    private readonly int _viewersPort = FreePort.Tcp();
    private readonly List<IAsyncDisposable> _clients = [];
    private TestClient? _everything;

    public async ValueTask InitializeAsync()
    {
        // One more user, who may say and hear everything, stands for all that are not looked at.
        var devices = Path.Combine(_mosquitto.Folder, "devices.acl");
        await File.WriteAllTextAsync(
            devices, $"{await ShippedAsync("devices.acl")}\n{await ShippedAsync("homeassistant.acl")}\nuser {All}\ntopic readwrite #\n");
        var passwords = Path.Combine(_mosquitto.Folder, "passwords");
        await File.WriteAllTextAsync(passwords, "");
        foreach (var user in new[] { All, Operator, Home, Device })
        {
            using var tool = Process.Start("/usr/bin/mosquitto_passwd", ["-b", passwords, user, "secret"]);
            await tool.WaitForExitAsync();
        }

        await _mosquitto.StartAsync($"""
            per_listener_settings true
            allow_anonymous false
            password_file {passwords}
            acl_file {devices}
            listener {_viewersPort} 127.0.0.1
            allow_anonymous true
            acl_file {Path.Combine(s_shipped, "viewers.acl")}

            """);
        _everything = await ConnectAsync(All, All);
        await _everything.SubscribeAsync("#");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();
        await _mosquitto.DisposeAsync();
    }

    [Theory]
    [InlineData(Device)]
    [InlineData(Viewer)]
    [InlineData(Operator)]
    [InlineData(Home)]
    public async Task Each_role_says_and_hears_what_it_may_and_nothing_beside(string role)
    {
        var client = role == Viewer ? await ConnectAsync(Viewer, null) : await ConnectAsync(role == Device ? Device : "console", role);
        Assert.Equal(s_topics.Where(topic => May(role, says: true, topic)), await SaysAsync(client));
        Assert.Equal(s_topics.Where(topic => May(role, says: false, topic)), await HearsAsync(client));
    }

    [Theory]
    [InlineData("+")]
    [InlineData("#")]
    [InlineData("alice/+")]
    public async Task A_viewer_whose_client_id_is_a_wildcard_has_no_session_of_anybody(string clientId)
    {
        var client = await ConnectAsync(clientId, null);
        Assert.Empty(await SaysAsync(client));
        Assert.DoesNotContain(await HearsAsync(client), topic => topic.Contains("/session/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Device, "wrong")]
    [InlineData("nobody", "secret")]
    [InlineData(null, null)]
    public async Task A_device_or_operator_without_its_password_is_not_let_in(string? user, string? password)
    {
        await using var client = new TestClient();
        var options = TestClient.Options(_mosquitto.Port, "x");
        Assert.NotEqual(MqttClientConnectResultCode.Success, await client.TryConnectAsync(user is null ? options : options.WithCredentials(user, password)));
    }

    /// <summary>So that a line which is added to a file is tested too, or this fails.</summary>
    [Theory]
    [InlineData("devices.acl")]
    [InlineData("viewers.acl")]
    [InlineData("homeassistant.acl")]
    public void Each_line_of_the_rules_allows_a_topic_of_these_tests(string file)
    {
        var user = "";
        var lines = 0;
        foreach (var line in File.ReadLines(Path.Combine(s_shipped, file)).Where(static line => line.Length > 0 && line[0] != '#'))
        {
            var words = line.Split(' ');
            if (words[0] == "user")
            {
                user = words[1];
                continue;
            }

            lines++;
            var role = file == "viewers.acl" ? Viewer : words[0] == "pattern" ? Device : user;
            var filter = words[2].Replace("%u", Device, StringComparison.Ordinal).Replace("%c", Viewer, StringComparison.Ordinal);
            foreach (var says in new[] { true, false }.Where(says => words[1] == "readwrite" || words[1] == (says ? "write" : "read")))
            {
                Assert.Contains(s_topics, topic => MqttTopicFilterComparer.Compare(topic, filter) == MqttTopicFilterCompareResult.IsMatch && May(role, says, topic));
                Assert.All(s_topics.Where(topic => MqttTopicFilterComparer.Compare(topic, filter) == MqttTopicFilterCompareResult.IsMatch), topic => Assert.True(May(role, says, topic), $"{line} allows {topic}"));
            }
        }

        Assert.True(lines >= 3);
    }

    /// <summary>Everything there is below a device, and two that there are not.</summary>
    private static IEnumerable<string> Below() =>
    [
        "status", "telemetry", "event/gpio", "config/reported", "config/desired", "unknown", "event", "event/gpio/deeper", "status/deeper", "ha/state", "ha/ptz/cam0", "ha/gpio/lamp", "ha/other/lamp",
        .. s_clients.SelectMany(static client => new[]
        {
            $"session/{client}/session-0001/to-device", $"session/{client}/session-0001/to-viewer", $"rpc/{client}/request", $"rpc/{client}/response", $"rpc/{client}/response/deeper",
        }),
    ];

    /// <summary>The rules in words of their own.</summary>
    private static bool May(string role, bool says, string topic)
    {
        if (topic.Split('/') is ["homeassistant", .. var discovery])
            return role == Home ? !says || discovery is ["status"] : role == Device && says && discovery is ["device", Device, "config"];

        if (topic.Split('/') is not ["edgecam", "v1", var device, .. var path] || !s_devices.Contains(device))
            return false;
        return (role, says, path) switch
        {
            (Device, _, _) when device != Device => false,
            (Device, true, ["status"] or ["telemetry"] or ["event", _] or ["config", "reported"] or ["session", _, _, "to-viewer"] or ["rpc", _, "response"] or ["ha", "state"]) => true,
            (Device, false, ["status"] or ["config", "desired"] or ["ha", "ptz" or "gpio", _] or ["session", _, _, "to-device"] or ["rpc", _, "request"]) => true,
            (Operator, true, ["config", "desired"] or ["session", Operator, _, "to-device"] or ["rpc", Operator, "request"]) => true,
            (Operator, false, ["status"] or ["telemetry"] or ["event", _] or ["config", "reported"] or ["session", Operator, _, "to-viewer"] or ["rpc", Operator, "response"]) => true,
            (Home, true, ["ha", "ptz" or "gpio", _]) => true,
            (Home, false, ["status"] or ["telemetry"] or ["ha", "state"]) => true,
            (Viewer, true, ["session", Viewer, _, "to-device"]) => true,
            (Viewer, false, ["status"] or ["session", Viewer, _, "to-viewer"]) => true,
            _ => false,
        };
    }

    private static Task<string> ShippedAsync(string file) => File.ReadAllTextAsync(Path.Combine(s_shipped, file));

    /// <summary>Of all topics those on which it is heard.</summary>
    private async Task<IEnumerable<string>> SaysAsync(TestClient client)
    {
        var mark = Guid.NewGuid().ToString();
        foreach (var topic in s_topics)
            await client.PublishAsync(topic, mark);
        return await HeardAsync(_everything!, mark);
    }

    /// <summary>Of all topics those that it hears, subscribed to each and to all.</summary>
    private async Task<IEnumerable<string>> HearsAsync(TestClient client)
    {
        foreach (var filter in s_topics.Concat(["#", "edgecam/v1/#", "edgecam/v1/+/session/+/+/+", "edgecam/v1/+/rpc/+/response", "$SYS/#"]))
            await client.SubscribeAsync(filter);
        var mark = Guid.NewGuid().ToString();
        foreach (var topic in s_topics)
            await _everything!.PublishAsync(topic, mark);
        return await HeardAsync(client, mark);
    }

    /// <summary>What comes after it to the same client says that it will not come any more.</summary>
    private async Task<IEnumerable<string>> HeardAsync(TestClient hearer, string mark)
    {
        var end = Guid.NewGuid().ToString();
        await _everything!.PublishAsync("edgecam/v1/porch/status", end); // which every role hears
        await Wait.UntilAsync(() => hearer.Received.Any(message => message.Text == end), "the end");
        var heard = hearer.Received.Where(message => message.Text == mark).Select(message => message.Topic).ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(hearer.Received, message => hearer != _everything && message.Topic.StartsWith('$'));
        return s_topics.Where(heard.Contains);
    }

    private async Task<TestClient> ConnectAsync(string clientId, string? user)
    {
        var client = new TestClient();
        _clients.Add(client);
        var options = TestClient.Options(user is null ? _viewersPort : _mosquitto.Port, clientId);
        Assert.Equal(MqttClientConnectResultCode.Success, await client.TryConnectAsync(user is null ? options : options.WithCredentials(user, "secret")));
        return client;
    }
}
