using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>A certificate authority of the lab's own, and one server certificate for all its names.</summary>
internal sealed class Authority
{
    public Authority(string folder, IReadOnlyDictionary<string, string> hosts)
    {
        Directory.CreateDirectory(folder);
        (CaFile, CertificateFile, KeyFile) = (Path.Combine(folder, "ca.pem"), Path.Combine(folder, "server.pem"), Path.Combine(folder, "server.key"));
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=EdgeCam test authority", caKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        using var ca = request.CreateSelfSigned(from, to);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var server = new CertificateRequest("CN=edgecam.test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var (name, address) in hosts)
        {
            names.AddDnsName(name);
            names.AddIpAddress(IPAddress.Parse(address));
        }

        server.CertificateExtensions.Add(names.Build());
        server.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        server.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var certificate = server.Create(ca, from.AddHours(1), to.AddHours(-1), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(CaFile, ca.ExportCertificatePem());
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem() + "\n" + ca.ExportCertificatePem() + "\n");
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
    }

    public string CaFile { get; }

    public string CertificateFile { get; }

    public string KeyFile { get; }

    /// <summary>A home for Chromium, which trusts what the certificate store there says.</summary>
    public string CreateHome(string folder)
    {
        var store = Path.Combine(folder, ".pki", "nssdb");
        Directory.CreateDirectory(store);
        Command.Run("certutil", ["-d", $"sql:{store}", "-N", "--empty-password"]);
        Command.Run("certutil", ["-d", $"sql:{store}", "-A", "-t", "C,,", "-n", "edgecam", "-i", CaFile]);
        return folder;
    }
}
