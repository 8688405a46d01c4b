using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Mqtt;

/// <summary>TLS 1.2 or 1.3 to the broker: its certificate must lead to a trusted one and name the host, and ours is shown where there is one.</summary>
/// <remarks>All files are read for each connection: a certificate that was renewed meanwhile is taken without a restart.</remarks>
/// <param name="CaFile">Certificates (PEM) to trust; null trusts the system's.</param>
/// <param name="CertificateFile">Our certificate and its chain (PEM), the own one first; null: none is shown.</param>
/// <param name="KeyFile">Its private key (PEM).</param>
/// <param name="Alpn">The protocol to ask for (RFC 7301), by which some brokers tell MQTT from HTTPS on port 443; null: none.</param>
internal sealed record BrokerTls(string? CaFile = null, string? CertificateFile = null, string? KeyFile = null, string? Alpn = null)
{
    /// <exception cref="BrokerException">There is no TLS to be had; the words say why.</exception>
    public async Task<SslStream> SecureAsync(Stream stream, string host, CancellationToken stop)
    {
        var problem = SslPolicyErrors.None;
        var options = Options(host);
        options.RemoteCertificateValidationCallback = (_, _, _, errors) => (problem = errors) == SslPolicyErrors.None;
        var tls = new SslStream(stream);
        try
        {
            await tls.AuthenticateAsClientAsync(options, stop);
            return tls;
        }
        catch (Exception failure) when (BrokerFailure.IsOfConnection(failure))
        {
            await tls.DisposeAsync();
            if (failure is OperationCanceledException)
                throw;
            throw new BrokerException(BrokerEndKind.Refused, problem != SslPolicyErrors.None
                ? PemCertificate.NotTrusted(problem, "broker", "mqtt.broker", "mqtt.caFile", CaFile is not null)
                : BrokerWords.NoTls(failure.GetBaseException().Message, CertificateFile is not null), failure);
        }
    }

    /// <summary>Our certificate with its chain, or null.</summary>
    /// <exception cref="BrokerException">The files cannot be used.</exception>
    private SslStreamCertificateContext? LoadCertificate()
    {
        if (CertificateFile is null)
            return null;
        try
        {
            return PemCertificate.Load(CertificateFile, KeyFile);
        }
        catch (Exception failure) when (IsOfFile(failure))
        {
            // Not what the library says of the content: that could quote the key.
            throw new BrokerException(BrokerEndKind.Refused, BrokerWords.FileUnreadable("mqtt.certificateFile or mqtt.keyFile", failure.GetType().Name), failure);
        }
    }

    private SslClientAuthenticationOptions Options(string host)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
#pragma warning disable CA5398 // The system's choice may include older ones; what comes after 1.3 is for whoever has tried it here.
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
#pragma warning restore CA5398
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            ClientCertificateContext = LoadCertificate(),
        };
        if (Alpn is not null)
            options.ApplicationProtocols = [new SslApplicationProtocol(Alpn)];
        if (CaFile is null)
            return options;

        options.CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            options.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(CaFile);
        }
        catch (Exception failure) when (IsOfFile(failure))
        {
            throw new BrokerException(BrokerEndKind.Refused, BrokerWords.FileUnreadable("mqtt.caFile", failure.Message), failure);
        }

        return options;
    }

    private static bool IsOfFile(Exception failure) => failure is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;
}
