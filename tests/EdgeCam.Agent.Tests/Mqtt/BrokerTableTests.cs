using System.Diagnostics;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Mqtt;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet;

namespace EdgeCam.Agent.Tests.Mqtt;

/// <summary>One table of who may say and hear what: the embedded broker keeps to it, and so does mosquitto with the files of deploy/broker.</summary>
public sealed class BrokerTableTests : IAsyncDisposable
{
    private const string Device = "edgecam/v1/dev/";

    /// <summary>Who, whether it says or hears, what, and whether it may.</summary>
    private static readonly (string Who, bool Says, string Topic, bool May)[] s_table =
    [
        ("alice", true, Device + "session/alice/session-0001/to-device", true),
        ("alice", true, Device + "session/bob/session-0001/to-device", false),
        ("alice", true, Device + "session/alice/session-0001/to-viewer", false),
        ("alice", true, Device + "status", false),
        ("alice", true, Device + "rpc/alice/request", false),
        ("alice", true, Device + "rpc/operator/request", false),
        ("alice", true, Device + "config/desired", false),
        ("alice", false, Device + "status", true),
        ("alice", false, Device + "session/alice/session-0001/to-viewer", true),
        ("alice", false, Device + "session/bob/session-0001/to-viewer", false),
        ("alice", false, Device + "session/alice/session-0001/to-device", false),
        ("alice", false, Device + "telemetry", false),
        ("alice", false, Device + "event/gpio", false),
        ("alice", false, Device + "config/reported", false),
        ("alice", false, Device + "rpc/alice/response", false),
        ("alice", false, Device + "rpc/operator/response", false),
        ("operator", true, Device + "rpc/operator/request", true),
        ("operator", true, Device + "rpc/alice/request", false),
        ("operator", true, Device + "rpc/operator/response", false),
        ("operator", true, Device + "config/desired", true),
        ("operator", true, Device + "config/reported", false),
        ("operator", true, Device + "status", false),
        ("operator", true, Device + "session/operator/session-0001/to-device", true),
        ("operator", true, Device + "session/alice/session-0001/to-device", false),
        ("operator", false, Device + "status", true),
        ("operator", false, Device + "telemetry", true),
        ("operator", false, Device + "event/gpio", true),
        ("operator", false, Device + "config/reported", true),
        ("operator", false, Device + "config/desired", false),
        ("operator", false, Device + "rpc/operator/response", true),
        ("operator", false, Device + "rpc/alice/response", false),
        ("operator", false, Device + "rpc/operator/request", false),
        ("operator", false, Device + "session/operator/session-0001/to-viewer", true),
        ("operator", false, Device + "session/alice/session-0001/to-viewer", false),
    ];

    private readonly List<IAsyncDisposable> _clients = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();
    }

    [Fact]
    public async Task The_embedded_broker_keeps_to_it()
    {
        using var drops = new DropCounters();
        using var keys = DeviceKeys.CreateForThisRun();
        using var forge = new TokenForge(keys.Signing, TimeProvider.System);
        using var access = new AccessPolicy(AccessMode.Tokens, "dev", keys.Signing, TimeProvider.System);
        using var broker = new EmbeddedBroker(new EmbeddedBrokerOptions(Port: 0), new("edgecam/v1", "dev"), access, drops, TimeProvider.System, NullLogger<EmbeddedBroker>.Instance);
        await broker.StartAsync();
        var device = await ConnectAsync(broker.Port, "dev", EmbeddedBroker.DeviceUser, System.Text.Encoding.UTF8.GetString(broker.DevicePassword));
        var viewer = await ConnectAsync(broker.Port, "alice", "token", forge.Token("view"));
        var manager = await ConnectAsync(broker.Port, "operator", "token", forge.Token("view manage"));

        await KeepsToItAsync(device, viewer, manager); // the device may say and hear all below its own name

        await DisposeAsync();
        _clients.Clear();
        await broker.StopAsync();
    }

    [Fact]
    public async Task Mosquitto_with_the_shipped_files_keeps_to_it()
    {
        var shipped = Path.Combine(Root(), "deploy", "broker");
        var folder = Directory.CreateTempSubdirectory("edgecam-acl-").FullName;
        try
        {
            // One more user, who may say and hear everything, stands for all that are not looked at.
            var devices = Path.Combine(folder, "devices.acl");
            await File.WriteAllTextAsync(devices, await File.ReadAllTextAsync(Path.Combine(shipped, "devices.acl")) + "\nuser everything\ntopic readwrite edgecam/v1/#\n");
            var passwords = Path.Combine(folder, "passwords");
            await File.WriteAllTextAsync(passwords, "");
            foreach (var user in new[] { "everything", "operator" })
            {
                using var tool = Process.Start("/usr/bin/mosquitto_passwd", ["-b", passwords, user, "secret"]);
                await tool.WaitForExitAsync(TestContext.Current.CancellationToken);
            }

            await using var mosquitto = new Mosquitto();
            var viewers = FreePort.Tcp();
            await mosquitto.StartAsync($"""
                per_listener_settings true
                allow_anonymous false
                password_file {passwords}
                acl_file {devices}
                listener {viewers} 127.0.0.1
                allow_anonymous true
                acl_file {Path.Combine(shipped, "viewers.acl")}

                """);
            var everything = await ConnectAsync(mosquitto.Port, "everything", "everything", "secret");
            var viewer = await ConnectAsync(viewers, "alice", null, null);
            var manager = await ConnectAsync(mosquitto.Port, "console", "operator", "secret");

            await KeepsToItAsync(everything, viewer, manager);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task KeepsToItAsync(TestClient everything, TestClient viewer, TestClient manager)
    {
        await everything.SubscribeAsync("edgecam/v1/dev/#");
        foreach (var client in new[] { viewer, manager })
        {
            await client.SubscribeAsync("edgecam/v1/dev/status");
            foreach (var (_, _, topic, _) in s_table.Where(entry => !entry.Says && entry.Who == (client == viewer ? "alice" : "operator")))
                await client.SubscribeAsync(topic);
        }

        foreach (var (who, says, topic, may) in s_table)
        {
            var client = who == "alice" ? viewer : manager;
            var mark = Guid.NewGuid().ToString();
            if (says)
                await client.PublishAsync(topic, mark);
            else
                await everything.PublishAsync(topic, mark);

            // What comes after it to the same client says that it will not come any more.
            var end = Guid.NewGuid().ToString();
            await everything.PublishAsync("edgecam/v1/dev/status", end);
            var hearer = says ? everything : client;
            await Wait.UntilAsync(() => hearer.Received.Any(message => message.Text == end), $"the mark behind {topic}");
            Assert.Equal((who, says, topic, may), (who, says, topic, hearer.Received.Any(message => message.Text == mark && message.Topic == topic)));
        }
    }

    private async Task<TestClient> ConnectAsync(int port, string clientId, string? user, string? password)
    {
        var client = new TestClient();
        _clients.Add(client);
        var options = TestClient.Options(port, clientId);
        Assert.Equal(MqttClientConnectResultCode.Success, await client.TryConnectAsync(user is null ? options : options.WithCredentials(user, password)));
        return client;
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "EdgeCam.sln")))
            folder = folder.Parent;
        return folder.FullName;
    }
}
