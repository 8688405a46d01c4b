using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Settings;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Setup;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>A system to set up, in a folder of its own: what Debian, NetworkManager and sshd would have there.</summary>
internal sealed class SetupFixture : IDisposable
{
    public const string SshKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ann@porch";
    public const int User = 998;
    public const int Group = 997;

    public SetupFixture()
    {
        Write("etc/passwd", $"root:x:0:0:root:/root:/bin/bash\nedgecam:x:{User}:{Group}::/var/lib/edgecam:/usr/sbin/nologin\n");
        Write("etc/group", $"root:x:0:\nedgecam:x:{Group}:\n");
        Write("etc/hosts", "127.0.0.1\tlocalhost\n127.0.1.1\traspberrypi.lan raspberrypi\n::1\tlocalhost\n");
        Write("usr/sbin/NetworkManager", "");
        Write("usr/lib/systemd/system/ssh.service", "");
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("edgecam-setup-").FullName;

    public string File => Path.Combine(Root, "boot/firmware/edgecam-setup.json");

    public string Errors => Path.Combine(Root, "boot/firmware", SetupCommand.ErrorsFile);

    public static string Key(ECCurve? curve = null)
    {
        using var key = ECDsa.Create(curve ?? ECCurve.NamedCurves.nistP256);
        return key.ExportECPrivateKeyPem(); // as openssl ecparam -genkey gives it
    }

    public static string Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=broker", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        return certificate.ExportCertificatePem();
    }

    /// <summary>A certificate of a device and its private key.</summary>
    public static (string Certificate, string Key) Pair()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=porch", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    public static string PublicKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportSubjectPublicKeyInfoPem();
    }

    public static string Quoted(string text) => JsonSerializer.Serialize(text);

    /// <summary>Everything that a setup file may have.</summary>
    public static string Full(string? signing = null)
    {
        using var issuer = DeviceKey.Create();
        var (certificate, key) = Pair();
        return $$"""
        // Porch, October.
        {
          "device": { "id": "porch", "name": "Porch" },
          "wifi": { "ssid": "Home net", "password": " p#ss\\w;rd ", "country": "DE", "hidden": true },
          "mqtt": { "broker": "mqtts://broker.example.org", "username": "porch", "password": "hunter2-äß", "ca": {{Quoted(Certificate())}},
            "certificate": {{Quoted(certificate)}}, "key": {{Quoted(key)}} },
          "keys": { "signing": {{Quoted(signing ?? Key())}}, "identity": {{Quoted(Key())}} },
          "security": { "issuers": [{ "name": "https://fleet.example.org", "keys": {{Quoted(IssuerFile.Set(("a", issuer)))}} }, { "name": "nas", "keys": {{Quoted(PublicKey())}}, "scopes": ["view"] }] },
          "update": { "keys": [{{Quoted(PublicKey())}}, {{Quoted(PublicKey())}}] },
          "ssh": { "authorizedKeys": ["{{SshKey}}"] },
          "config": { "cameras": [{ "name": "cam0", "source": "rpicam:0", "width": 1920, "height": 1080 }], "log": { "level": null, "format": "systemd" } },
        }
        """;
    }

    public void Write(string path, string text)
    {
        var full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        System.IO.File.WriteAllText(full, text, new UTF8Encoding(false));
    }

    public string Read(string path) => System.IO.File.ReadAllText(Path.Combine(Root, path));

    public bool Has(string path) => System.IO.File.Exists(Path.Combine(Root, path));

    /// <param name="json">Null: no setup file.</param>
    public async Task<(int Code, string Output, string Errors)> RunAsync(string? json, params string[] further)
    {
        if (json is not null)
            await System.IO.File.WriteAllTextAsync(File, json);
        var (output, errors) = (new StringWriter(), new StringWriter());
        var code = await CommandLine.RunAsync(["setup", "--file", File, "--root", Root, .. further], null!, output, errors);
        return (code, output.ToString(), errors.ToString());
    }

    /// <summary>Each file with what is in it, and each link with where it leads.</summary>
    public SortedDictionary<string, string> Snapshot()
    {
        var snapshot = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(Root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }))
        {
            var file = new FileInfo(path);
            snapshot[Path.GetRelativePath(Root, path)] = file.LinkTarget is { } target ? $"-> {target}" : $"{file.UnixFileMode} {System.IO.File.ReadAllText(path)}";
        }

        return snapshot;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
