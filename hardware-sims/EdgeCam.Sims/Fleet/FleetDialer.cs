using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeCam.Sims.Fleet;

/// <summary>Makes a device's way to the broker: TCP, and TLS where the address asks for it, with all octets of TCP counted.</summary>
internal sealed class FleetDialer
{
    private static readonly TimeSpan s_connect = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_handshake = TimeSpan.FromSeconds(10);

    private readonly FleetOptions _options;
    private readonly X509Certificate2Collection? _trusted;

    /// <exception cref="FormatException">The authority's file cannot be used.</exception>
    public FleetDialer(FleetOptions options)
    {
        _options = options;
        if (options.CaFile is not { } file)
            return;
        try
        {
            _trusted = [];
            _trusted.ImportFromPemFile(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new FormatException($"'--ca' {file} cannot be read: {failure.Message}", failure);
        }
    }

    /// <exception cref="LinkException">There is no way.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public async Task<Stream> DialAsync(FleetCounters counters, CancellationToken stop)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
            timeout.CancelAfter(s_connect);
            await socket.ConnectAsync(_options.Host, _options.Port, timeout.Token);
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            stop.ThrowIfCancellationRequested();
            throw new LinkException(failure is SocketException { SocketErrorCode: SocketError.ConnectionRefused } ? LinkEnd.NotListening : LinkEnd.NoAnswer, failure.Message, failure);
        }

        var counted = new CountedStream(socket, counters);
        if (!_options.IsSecure)
            return counted;
        var tls = new SslStream(counted);
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
            timeout.CancelAfter(s_handshake);
            await tls.AuthenticateAsClientAsync(Tls(), timeout.Token);
            return tls;
        }
        catch (Exception failure) when (failure is IOException or SocketException or AuthenticationException or OperationCanceledException)
        {
            await tls.DisposeAsync();
            stop.ThrowIfCancellationRequested();
            throw new LinkException(LinkEnd.Refused, failure.GetBaseException().Message, failure);
        }
    }

    private SslClientAuthenticationOptions Tls()
    {
        var tls = new SslClientAuthenticationOptions
        {
            TargetHost = _options.Host,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            AllowTlsResume = false, // devices of one process would spare each other the handshakes that devices of their own have to make
        };
        if (_trusted is null)
            return tls;
        tls.CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        tls.CertificateChainPolicy.CustomTrustStore.AddRange(_trusted);
        return tls;
    }
}
