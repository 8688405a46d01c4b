using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace EdgeCam.Agent.Security;

/// <summary>A certificate that is shown in TLS, from files in PEM; and what is wrong with the one that is shown to us, in words.</summary>
internal static class PemCertificate
{
    /// <summary>Reads both files, or throws what is wrong with them: IOException, UnauthorizedAccessException, CryptographicException or ArgumentException.</summary>
    /// <param name="certificateFile">The own certificate first, then its chain.</param>
    public static SslStreamCertificateContext Load(string certificateFile, string? keyFile)
    {
        var certificate = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificateFile);
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    /// <summary>Why a peer's certificate is not taken, and what the operator can do.</summary>
    /// <param name="peer">What shows it: <c>broker</c>, <c>server</c>.</param>
    /// <param name="address">Where its name is configured.</param>
    /// <param name="caKey">The key that names certificates to trust.</param>
    /// <param name="hasCaFile">Whether that is set.</param>
    public static string NotTrusted(SslPolicyErrors problem, string peer, string address, string caKey, bool hasCaFile) => problem switch
    {
        _ when problem.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) =>
            $"its certificate is for another name: write the name that stands in it into {address}, or give the {peer} a certificate for this one",
        _ when problem.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) => hasCaFile
            ? $"its certificate does not come from those in {caKey}, or is not valid now: check the file and the clocks"
            : $"its certificate is not trusted here: put the certificate of who issued it into a file and name that in {caKey}",
        _ => "it has no certificate",
    };
}
