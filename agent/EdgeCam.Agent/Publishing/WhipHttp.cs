using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Publishing;

/// <summary>HTTP as far as a WHIP client needs it: no proxy, no cookies, no variable of the environment has a say; redirects are the client's own.</summary>
/// <param name="Invoker">Sends a request.</param>
internal sealed class WhipHttp(HttpMessageInvoker invoker) : IDisposable
{
    private volatile string? _notTrusted;

    /// <summary>Why the last certificate was not taken, in words; null where all were.</summary>
    public string? NotTrusted => _notTrusted;

    public HttpMessageInvoker Invoker { get; } = invoker;

    /// <param name="caFile">Read now, so that a renewed file counts with the next connection.</param>
    /// <exception cref="WhipException">The file cannot be used.</exception>
    public static WhipHttp Create(string? caFile)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None, UseCookies = false, UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(10), MaxResponseHeadersLength = 32, PooledConnectionLifetime = TimeSpan.Zero, // requests are few, and the next may come from another address
        };
        var http = new WhipHttp(new(handler));
        if (caFile is not null)
            handler.SslOptions.CertificateChainPolicy = Trusting(caFile);
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, problem) => http.Judge(problem, caFile is not null);
        return http;
    }

    public void Dispose() => Invoker.Dispose();

    private static X509ChainPolicy Trusting(string caFile)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(caFile);
            return policy;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new WhipException($"publish[].caFile cannot be used ({failure.Message}): it holds certificates in PEM, and the user who runs edgecam may read it", inner: failure);
        }
    }

    private bool Judge(SslPolicyErrors problem, bool hasCaFile)
    {
        if (problem == SslPolicyErrors.None)
            return true;
        _notTrusted = PemCertificate.NotTrusted(problem, "server", "publish[].to", "publish[].caFile", hasCaFile);
        return false;
    }
}
