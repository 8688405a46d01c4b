using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeCam.Agent.Tests.Support;

/// <summary>A real broker on a loopback port of its own, which can be killed and started again.</summary>
internal sealed class Mosquitto : IAsyncDisposable
{
    private const string Executable = "/usr/sbin/mosquitto";

    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-mosquitto").FullName;
    private Process? _process;

    public int Port { get; } = FreePort.Tcp();

    /// <summary>Where it has its files; goes with it.</summary>
    public string Folder => _folder;

    /// <summary>The certificate to trust, of a secure one.</summary>
    public string CaFile => Path.Combine(_folder, "cert.pem");

    /// <summary>One that speaks TLS only, as localhost, and asks for a password.</summary>
    public static async Task<Mosquitto> StartSecureAsync(string user, string password)
    {
        var broker = new Mosquitto();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(broker.CaFile, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(broker._folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        var passwords = Path.Combine(broker._folder, "passwords");
        await File.WriteAllTextAsync(passwords, "");
        using (var tool = Process.Start("/usr/bin/mosquitto_passwd", ["-b", passwords, user, password]))
            await tool.WaitForExitAsync();
        await broker.StartAsync($"allow_anonymous false\npassword_file {passwords}\ncertfile {broker.CaFile}\nkeyfile {broker._folder}/key.pem\n");
        return broker;
    }

    public async Task StartAsync(string access = "allow_anonymous true\n")
    {
        var configuration = Path.Combine(_folder, "mosquitto.conf");
        // Started by root it would become another user, who may not read this folder.
        await File.WriteAllTextAsync(configuration, $"user root\nlistener {Port} 127.0.0.1\n{access}persistence false\nlog_dest none\n"); // into a pipe that nobody reads, it would stand still after 64 KiB
        _process = Process.Start(new ProcessStartInfo(Executable, ["-c", configuration]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        await Wait.UntilAsync(Answers, "mosquitto answers");
    }

    /// <summary>SIGKILL: no DISCONNECT, no wills.</summary>
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

    private bool Answers()
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
