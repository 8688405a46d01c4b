using System.Security.Cryptography;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Settings;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>What can be said of a section's <c>certificateFile</c> and <c>keyFile</c>, a certificate with its private key, before anything starts.</summary>
internal static class CertificateRules
{
    /// <param name="both">Why one of them alone is of no use.</param>
    /// <param name="whose">Whose certificate comes first in its file.</param>
    /// <param name="isKeyKept">Not everybody on this machine may read the key.</param>
    public static void Check(string section, string? certificateFile, string? keyFile, string both, string whose, bool isKeyKept, List<ConfigurationMistake> mistakes)
    {
        var (certificateKey, keyKey) = ($"{section}.certificateFile", $"{section}.keyFile");
        if ((certificateFile is null) != (keyFile is null))
        {
            mistakes.Add(new(certificateFile is null ? certificateKey : keyKey, "is null, yet the other of the two is there", both));
            return;
        }

        var known = mistakes.Count;
        AgentOptionsValidator.CheckReadable(certificateKey, certificateFile, mistakes);
        AgentOptionsValidator.CheckReadable(keyKey, keyFile, mistakes);
        if (certificateFile is null || mistakes.Count > known)
            return;
        if (isKeyKept && (File.GetUnixFileMode(keyFile!) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
            mistakes.Add(new(keyKey, $"{keyFile} may be read or written by everybody on this machine", $"chmod 640 {keyFile}, with the group of the user who runs edgecam."));
        try
        {
            _ = PemCertificate.Load(certificateFile, keyFile);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            // Not what the library says: that could quote the key.
            mistakes.Add(new(certificateKey, $"and {keyKey} are no certificate with its private key",
                $"Both are PEM files: BEGIN CERTIFICATE, the {whose}'s own first, and the unencrypted BEGIN PRIVATE KEY that belongs to it."));
        }
    }
}
