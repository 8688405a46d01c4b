using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>A TURN server of another make in the public network: UDP and TCP 3478, TLS 5349, credentials of the TURN REST kind.</summary>
internal sealed class Coturn : IAsyncDisposable
{
    private readonly NetNamespace _namespace;
    private readonly List<string> _arguments;
    private readonly string _address;
    private readonly List<(DateTime At, string Text)> _lines = [];
    private ChildProcess? _process;

    private Coturn(NetNamespace @namespace, string host, string address, string secretFile, List<string> arguments) =>
        (_namespace, Host, _address, SecretFile, _arguments) = (@namespace, host, address, secretFile, arguments);

    public string Host { get; }

    /// <summary>The secret that it shares with the device.</summary>
    public string SecretFile { get; }

    /// <summary>What it logged, with the time.</summary>
    public IReadOnlyList<(DateTime At, string Text)> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    /// <param name="lifetimeSeconds">The longest that an allocation lives without refresh.</param>
    /// <param name="nonceSeconds">A nonce is stale after so long.</param>
    public static async Task<Coturn> StartAsync(NetworkLab lab, bool isSecond = false, int lifetimeSeconds = 600, int nonceSeconds = 600)
    {
        var (host, address, ports) = isSecond ? ("turn2.test", NetworkLab.SecondAddress, 52000) : ("turn.test", NetworkLab.PublicAddress, 51000);
        var folder = Path.Combine(lab.Folder, host);
        Directory.CreateDirectory(folder);
        var secret = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        var secretFile = Path.Combine(folder, "secret");
        await File.WriteAllTextAsync(secretFile, secret);
        File.SetUnixFileMode(secretFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
        var coturn = lab.Keep(new Coturn(lab.Public, host, address, secretFile,
        [
            "-n", "--no-cli", "--log-file=stdout", "--simple-log", "--verbose", "--fingerprint", "--no-multicast-peers", "--realm=edgecam.test",
            $"--listening-ip={address}", $"--relay-ip={address}", "--listening-port=3478", "--tls-listening-port=5349",
            $"--min-port={Number(ports)}", $"--max-port={Number(ports + 999)}", $"--cert={lab.Authority.CertificateFile}", $"--pkey={lab.Authority.KeyFile}",
            "--use-auth-secret", $"--static-auth-secret={secret}", $"--stale-nonce={Number(nonceSeconds)}", $"--max-allocate-lifetime={Number(lifetimeSeconds)}",
            $"--pidfile={folder}/pid", $"--userdb={folder}/users.db",
        ]));
        await coturn.StartAsync();
        return coturn;
    }

    public string Url(TurnTransport transport) => transport switch
    {
        TurnTransport.Udp => $"turn:{Host}:3478?transport=udp",
        TurnTransport.Tcp => $"turn:{Host}:3478?transport=tcp",
        _ => $"turns:{Host}:5349?transport=tcp",
    };

    /// <summary>An entry of the device's <c>peers.turnServers</c>.</summary>
    public JsonNode Settings(TurnTransport transport) => new JsonObject { ["url"] = Url(transport), ["secretFile"] = SecretFile };

    /// <summary>A user name that expires and its password, as the device makes them (draft-uberti-behave-turn-rest).</summary>
    public (string Username, string Password) Credentials(TimeSpan life)
    {
        var username = $"{DateTimeOffset.UtcNow.Add(life).ToUnixTimeSeconds()}:test";
        return (username, Convert.ToBase64String(HMACSHA1.HashData(File.ReadAllBytes(SecretFile), Encoding.UTF8.GetBytes(username))));
    }

    public async Task StartAsync()
    {
        var process = _process = _namespace.Start("/usr/bin/turnserver", _arguments, (line, _) =>
        {
            lock (_lines)
                _lines.Add((DateTime.UtcNow, line));
        });
        await Wait.UntilAsync(() => process.HasExited || (NetworkPort.Answers(_namespace, 3478, _address) && NetworkPort.Answers(_namespace, 5349, _address)), "coturn answers");
        Assert.False(process.HasExited, process.Log);
    }

    public async Task KillAsync()
    {
        await _process!.DisposeAsync();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await KillAsync();
    }
}
