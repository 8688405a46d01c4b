using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeCam.Agent.Tests.Support;

/// <summary>A real TURN server on loopback ports of its own, which can be killed and started again.</summary>
internal sealed class Coturn : IAsyncDisposable
{
    public const string Realm = "edgecam.test";

    private const string Executable = "/usr/bin/turnserver";
    private static int s_relayPorts = 52_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-coturn").FullName;
    private readonly string[] _access;
    private readonly int _firstRelayPort = Interlocked.Add(ref s_relayPorts, 100);
    private Process? _process;

    private Coturn(params string[] access) => _access = access;

    public int Port { get; } = FreePort.Tcp();

    public int TlsPort { get; } = FreePort.Tcp();

    /// <summary>The certificate to trust; it is for localhost.</summary>
    public string CaFile => Path.Combine(_folder, "cert.pem");

    public bool IsRelay(int port) => port >= _firstRelayPort && port < _firstRelayPort + 100;

    /// <summary>One that takes what is minted from the secret.</summary>
    public static Task<Coturn> WithSecretAsync(string secret) => StartAsync(new("--use-auth-secret", $"--static-auth-secret={secret}"));

    public static Task<Coturn> WithUserAsync(string user, string password, params string[] more) => StartAsync(new(["--lt-cred-mech", $"--user={user}:{password}", .. more]));

    public async Task StartAsync()
    {
        // The database of users has a default place for all servers of the machine; so has the file with the process id.
        string[] arguments =
        [
            "-n", "--no-cli", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", "--allow-loopback-peers", "--no-multicast-peers", "--no-rfc5780",
            $"--listening-port={Port}", $"--tls-listening-port={TlsPort}", $"--min-port={_firstRelayPort}", $"--max-port={_firstRelayPort + 99}",
            $"--realm={Realm}", $"--cert={CaFile}", $"--pkey={_folder}/key.pem", $"--pidfile={_folder}/pid", $"--userdb={_folder}/users.db",
            "--log-file=stdout", "--simple-log", .. _access,
        ];
        _process = Process.Start(new ProcessStartInfo(Executable, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = _folder })!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Wait.UntilAsync(() => Answers(Port) && Answers(TlsPort), "coturn answers");
    }

    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public ValueTask DisposeAsync()
    {
        if (_process is not null)
            Kill();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static async Task<Coturn> StartAsync(Coturn server)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(server.CaFile, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(server._folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        await server.StartAsync();
        return server;
    }

    private static bool Answers(int port)
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"coturn on {Port}");
}
