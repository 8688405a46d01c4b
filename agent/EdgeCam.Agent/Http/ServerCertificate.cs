using System.Net.Security;
using System.Security.Cryptography;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Http;

/// <summary>
/// The certificate of https, with its chain, read again when its files have changed: those of an authority live for some weeks, and renewing
/// them needs no restart. Files that cannot be used leave the one before in place.
/// </summary>
internal sealed class ServerCertificate(string certificateFile, string keyFile, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private SslStreamCertificateContext? _context;
    private (DateTime Certificate, DateTime Key) _read;
    private long _lookedAt;

    /// <summary>For a connection that begins now.</summary>
    public SslServerAuthenticationOptions Options() => new() { ServerCertificateContext = Current() };

    public SslStreamCertificateContext Current()
    {
        lock (_lock)
        {
            if (_context is not null && time.GetElapsedTime(_lookedAt) < s_interval)
                return _context;
            _lookedAt = time.GetTimestamp();
            var written = (File.GetLastWriteTimeUtc(certificateFile), File.GetLastWriteTimeUtc(keyFile));
            if (_context is not null && written == _read)
                return _context;
            try
            {
                _context = PemCertificate.Load(certificateFile, keyFile);
                _read = written;
            }
            catch (Exception failure) when (_context is not null && failure is CryptographicException or IOException or UnauthorizedAccessException)
            {
                log.CertificateNotRead(certificateFile, failure.Message); // it may be half written; the next look tells
            }

            return _context;
        }
    }
}
