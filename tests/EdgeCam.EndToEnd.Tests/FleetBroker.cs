using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>mosquitto with the rules of deploy/broker for devices and operators, by TCP or TLS, that can be killed and started again. Names are believed without a password.</summary>
/// <param name="inside">Where it runs; null: where the tests run.</param>
internal sealed class FleetBroker(bool isSecure, NetNamespace? inside = null) : IAsyncDisposable
{
    private const int ClockTicks = 100; // a second (proc_pid_stat(5))

    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-fleet-").FullName;
    private ChildProcess? _process;

    public int Port { get; } = FreePort.Tcp();

    public string Url => string.Create(CultureInfo.InvariantCulture, $"{(isSecure ? "mqtts://localhost" : "mqtt://127.0.0.1")}:{Port}");

    public string CaFile => Path.Combine(_folder, "cert.pem");

    public int Id => _process!.Id;

    public async Task StartAsync()
    {
        var configuration = Path.Combine(_folder, "mosquitto.conf");
        if (!File.Exists(configuration))
            await PrepareAsync(configuration);
        var process = _process = inside?.Start("/usr/sbin/mosquitto", ["-c", configuration]) ?? ChildProcess.Start("/usr/sbin/mosquitto", ["-c", configuration]);
        await Wait.UntilAsync(() => process.HasExited || Answers(), "the broker answers");
        Assert.False(process.HasExited, process.Log);
    }

    /// <summary>SIGKILL: no DISCONNECT, no wills, and nothing is retained.</summary>
    public async Task KillAsync()
    {
        await _process!.DisposeAsync();
        _process = null;
    }

    /// <summary>Processor time of it so far.</summary>
    public TimeSpan ProcessorTime()
    {
        var status = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{Id}/stat"));
        var fields = status[(status.LastIndexOf(')') + 2)..].Split(' '); // from the third on; utime and stime are the 14th and 15th
        return TimeSpan.FromSeconds((long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / (double)ClockTicks);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task PrepareAsync(string configuration)
    {
        var shipped = Path.Combine(Workplace.Root, "deploy", "broker");
        var rules = Path.Combine(_folder, "devices.acl");
        File.Copy(Path.Combine(shipped, "devices.acl"), rules);
        // The limits are those that deploy/broker has. Started by root it would become another user, who may not read this folder.
        var limits = (await File.ReadAllLinesAsync(Path.Combine(shipped, "mosquitto.conf"))).Where(static line => line.StartsWith("max_", StringComparison.Ordinal) || line.StartsWith("message_size", StringComparison.Ordinal));
        var tls = "";
        if (isSecure)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("localhost");
            request.CertificateExtensions.Add(names.Build());
            using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            await File.WriteAllTextAsync(CaFile, certificate.ExportCertificatePem());
            await File.WriteAllTextAsync(Path.Combine(_folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
            tls = $"certfile {CaFile}\nkeyfile {_folder}/key.pem\ntls_version tlsv1.2\n";
        }

        await File.WriteAllTextAsync(configuration, $"user root\nlog_dest none\npersistence false\n{string.Join('\n', limits)}\nlistener {Port} 127.0.0.1\n{tls}allow_anonymous true\nacl_file {rules}\n");
    }

    private bool Answers()
    {
        try
        {
            using var socket = inside?.Socket(SocketType.Stream) ?? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
