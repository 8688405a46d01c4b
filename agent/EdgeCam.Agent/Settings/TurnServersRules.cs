using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Peers.Relays;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Settings;

/// <summary>What can be said about the TURN servers before anything starts, and the servers themselves with their secrets read.</summary>
internal static class TurnServersRules
{
    private const int MaxServers = 8;
    private const long MaxSecretSize = 4096;

    public static void Check(PeersOptions peers, List<ConfigurationMistake> mistakes)
    {
        if (peers.TurnServers.Length > MaxServers)
            mistakes.Add(new("peers.turnServers", $"has {peers.TurnServers.Length} servers", $"Name at most {MaxServers}: each is asked for an allocation."));
        var isSecure = false;
        for (var i = 0; i < peers.TurnServers.Length; i++)
        {
            var (server, where) = (peers.TurnServers[i], string.Create(CultureInfo.InvariantCulture, $"peers.turnServers[{i}]"));
            if (!TurnAddress.TryParse(server.Url, out var address))
            {
                mistakes.Add(new($"{where}.url", "is not a TURN server's address",
                    "Write turn:host:3478?transport=udp, turn:host:3478?transport=tcp or turns:host:5349?transport=tcp, an IPv6 address in brackets."));
            }

            isSecure |= address is null or { Transport: TurnTransport.Tls };
            CheckCredentials(server, where, mistakes);
        }

        if (peers.TurnCaFile is not null && !isSecure)
            mistakes.Add(new("peers.turnCaFile", "is there, but no TURN server is reached by TLS", "Write turns: in a server's url, or remove turnCaFile."));
        var known = mistakes.Count;
        AgentOptionsValidator.CheckReadable("peers.turnCaFile", peers.TurnCaFile, mistakes);
        if (peers.TurnCaFile is { } file && mistakes.Count == known && !HasCertificate(file))
            mistakes.Add(new("peers.turnCaFile", $"{file} holds no certificate", "Write certificates in PEM into it: -----BEGIN CERTIFICATE----- and so on."));
    }

    /// <summary>The servers of options without mistakes.</summary>
    /// <exception cref="IOException">A secret's file has gone since the options were checked.</exception>
    public static TurnServer[] Load(PeersOptions peers) => [.. peers.TurnServers.Select(static server =>
    {
        _ = TurnAddress.TryParse(server.Url, out var address);
        return server.SecretFile is { } secret
            ? TurnServer.WithSecret(address!, System.Text.Encoding.UTF8.GetBytes(ReadSecret(secret)))
            : TurnServer.WithPassword(address!, server.Username!, ReadSecret(server.PasswordFile!), server.GiveToViewers);
    })];

    /// <summary>The same, as the peers' loop takes them.</summary>
    public static RelaySettings ToRelays(AgentOptions options) => new(
        Load(options.Peers), options.Peers.TurnCaFile, options.Device.Id ?? Environment.MachineName, TimeSpan.FromSeconds(options.Peers.TurnCredentialSeconds));

    private static void CheckCredentials(TurnServerOptions server, string where, List<ConfigurationMistake> mistakes)
    {
        if (server is { PasswordFile: null, SecretFile: null })
            mistakes.Add(new(where, "has no credentials", "Write username and passwordFile, or secretFile where the server shares a secret with this device (coturn: use-auth-secret)."));
        else if (server is { PasswordFile: not null, SecretFile: not null })
            mistakes.Add(new($"{where}.secretFile", "is there beside passwordFile", "Leave one: secretFile for minted credentials, passwordFile for a user of the server."));
        else if (server is { PasswordFile: not null, Username: null })
            mistakes.Add(new($"{where}.username", "is null, yet there is a password", "Name the user whose password it is."));
        else if (server is { SecretFile: not null, Username: not null })
            mistakes.Add(new($"{where}.username", "is there beside secretFile", "Remove it: with a shared secret the user name is minted too."));
        CheckSecret($"{where}.passwordFile", server.PasswordFile, mistakes);
        CheckSecret($"{where}.secretFile", server.SecretFile, mistakes);
    }

    private static void CheckSecret(string key, string? path, List<ConfigurationMistake> mistakes)
    {
        var known = mistakes.Count;
        AgentOptionsValidator.CheckReadable(key, path, mistakes);
        if (path is null || mistakes.Count > known)
            return;
        var length = new FileInfo(path).Length;
        if (length > MaxSecretSize || ReadSecret(path).Length == 0)
            mistakes.Add(new(key, length > MaxSecretSize ? $"{path} is larger than a secret" : $"{path} is empty", "Write the secret and nothing else into it, on one line."));
    }

    private static bool HasCertificate(string path)
    {
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPemFile(path);
            return certificates.Count > 0;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static string ReadSecret(string path) => File.ReadAllText(path).TrimEnd('\r', '\n');
}
