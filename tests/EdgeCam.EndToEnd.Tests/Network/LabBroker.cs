using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>mosquitto with the files of deploy/broker, in the public network; it can be stopped and started again.</summary>
internal sealed class LabBroker : IAsyncDisposable
{
    public const string Password = "device password";

    private readonly NetNamespace _namespace;
    private readonly string _configuration;
    private ChildProcess? _process;

    private LabBroker(NetNamespace @namespace, string configuration) => (_namespace, _configuration) = (@namespace, configuration);

    public static string DeviceUrl => "mqtts://broker.test:8883";

    public static string ViewerUrl => "wss://broker.test:9443";

    public static async Task<LabBroker> StartAsync(NetworkLab lab, params string[] users)
    {
        var folder = Path.Combine(lab.Folder, "broker");
        Directory.CreateDirectory(folder);
        var shipped = Path.Combine(Workplace.Root, "deploy", "broker");
        foreach (var file in new[] { "devices.acl", "viewers.acl" })
            File.Copy(Path.Combine(shipped, file), Path.Combine(folder, file));
        File.Copy(lab.Authority.CertificateFile, Path.Combine(folder, "server.pem"));
        File.Copy(lab.Authority.KeyFile, Path.Combine(folder, "server.key"));
        var passwords = Path.Combine(folder, "passwords");
        await File.WriteAllTextAsync(passwords, "");
        foreach (var user in users)
            Command.Run("/usr/bin/mosquitto_passwd", ["-b", passwords, user, Password]);
        // Started by root it would become another user, who may not read this folder.
        var text = (await File.ReadAllTextAsync(Path.Combine(shipped, "mosquitto.conf"))).Replace("/etc/mosquitto/edgecam", folder, StringComparison.Ordinal);
        var configuration = Path.Combine(folder, "mosquitto.conf");
        await File.WriteAllTextAsync(configuration, $"user root\n{text}");
        var broker = lab.Keep(new LabBroker(lab.Public, configuration));
        await broker.StartAsync();
        return broker;
    }

    public async Task StartAsync()
    {
        var process = _process = _namespace.Start("/usr/sbin/mosquitto", ["-c", _configuration]);
        await Wait.UntilAsync(() => process.HasExited || (NetworkPort.Answers(_namespace, 8883) && NetworkPort.Answers(_namespace, 9443)), "mosquitto answers");
        Assert.False(process.HasExited, process.Log);
    }

    /// <summary>Killed: no DISCONNECT, no wills.</summary>
    public async Task StopAsync()
    {
        await _process!.DisposeAsync();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await StopAsync();
    }
}
