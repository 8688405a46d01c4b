using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using EdgeCam.Agent.Peers.Interop;
using EdgeCam.Agent.Security;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers.Relays;

/// <summary>Looks up names and opens connections to TURN servers off the loop, and runs these connections until they end.</summary>
/// <param name="caFile">Certificates to trust, or null for the system's.</param>
/// <param name="report">Takes the answers; from any thread. False: nobody wants it any more.</param>
/// <param name="lookUp">Finds a name's addresses; null asks the system.</param>
internal sealed class RelayDialer(
    string? caFile, Func<RelayDialed, bool> report, WakeSignal wake, Func<string, CancellationToken, Task<IPAddress[]>>? lookUp = null)
{
    private const int MaxWaiting = 64;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _lookUp = lookUp ?? Dns.GetHostAddressesAsync;
    private readonly Channel<RelayDial> _orders = Channel.CreateBounded<RelayDial>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    /// <summary>False where too many wait already.</summary>
    public bool TryDial(RelayDial dial) => _orders.Writer.TryWrite(dial);

    public async Task RunAsync(CancellationToken stop)
    {
        var running = new List<Task>();
        try
        {
            await foreach (var dial in _orders.Reader.ReadAllAsync(stop))
            {
                running.RemoveAll(task => task.IsCompletedSuccessfully);
                running.Add(ServeAsync(dial, stop));
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }

        await Task.WhenAll(running);
    }

    /// <summary>Looks up and connects; never throws but when stopped.</summary>
    public async Task<RelayDialed> DialAsync(RelayDial dial, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(s_patience);
        try
        {
            var (host, port) = dial.Redirect.IsNone ? (dial.Server.Host, dial.Server.Port) : (dial.Redirect.ToIPAddress().ToString(), dial.Redirect.Port);
            TransportAddress[] found = [.. InOrder(await _lookUp(host, patience.Token), dial.AddressIndex).Select(address => TransportAddress.From(address, port))];
            if (found.Length == 0)
                return new(dial, [], null, RelayWords.NameUnknown(host, "it has no address"));
            if (dial.Server.Transport != TurnTransport.Udp)
                return new(dial, found, await ConnectAsync(dial.Server, found, patience.Token), null);
            return new(dial, found, dial.HasOwnSocket ? Open(found[0]) : null, null);
        }
        catch (SocketException failure) when (failure.SocketErrorCode is SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData)
        {
            return new(dial, [], null, RelayWords.NameUnknown(dial.Server.Host, failure.Message));
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            return new(dial, [], null, RelayWords.NotReached(dial.Server, failure.Message));
        }
        catch (Exception failure) when (failure is AuthenticationException or CryptographicException)
        {
            return new(dial, [], null, RelayWords.NotTrusted(dial.Server, failure.Message));
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new(dial, [], null, RelayWords.NotReached(dial.Server, "no answer within 10 s"));
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // Whatever it is: without an answer the server would count as being dialed for ever.
            return new(dial, [], null, RelayWords.NotDialed(dial.Server, failure));
        }
    }

    /// <summary>IPv4 first, as most servers have it; then turned, so that each of them has its turn.</summary>
    private static IEnumerable<IPAddress> InOrder(IPAddress[] addresses, int index)
    {
        var first = addresses.Length == 0 ? 0 : index % addresses.Length;
        IPAddress[] ordered = [.. addresses.OrderBy(address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)];
        return [.. ordered[first..], .. ordered[..first]];
    }

    private async Task ServeAsync(RelayDial dial, CancellationToken stop)
    {
        try
        {
            var dialed = await DialAsync(dial, stop);
            if (!report(dialed))
                dialed.Connection?.Dispose();
            else if (dialed.Connection is { } connection)
                await connection.RunAsync(stop);
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private RelayDatagrams Open(TransportAddress server)
    {
        var socket = new Socket(server.IsIPv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Connect(server.ToIPAddress(), server.Port);
            return new(socket, wake);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<RelayStream> ConnectAsync(TurnAddress server, TransportAddress[] addresses, CancellationToken stop)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync([.. addresses.Select(address => address.ToIPAddress())], addresses[0].Port, stop);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (server.Transport == TurnTransport.Tls)
                stream = await SecureAsync(stream, server.Host, stop);
            return new(socket, stream, wake);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Read for each connection: what issues certificates may have changed since the start, and so may the file.</summary>
    private static void Trust(X509Certificate2Collection store, string caFile)
    {
        try
        {
            store.ImportFromPemFile(caFile);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new AuthenticationException(RelayWords.CaFileUnreadable(failure.Message), failure);
        }
    }

    /// <summary>The server's certificate must lead to a trusted one and name the host of the URL, which is also what SNI says.</summary>
    private async Task<SslStream> SecureAsync(Stream stream, string host, CancellationToken stop)
    {
        var problem = SslPolicyErrors.None;
        var tls = new SslStream(stream);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, _, _, errors) => (problem = errors) == SslPolicyErrors.None,
        };
        if (caFile is not null)
        {
            options.CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            Trust(options.CertificateChainPolicy.CustomTrustStore, caFile);
        }

        try
        {
            await tls.AuthenticateAsClientAsync(options, stop);
            return tls;
        }
        catch (Exception failure)
        {
            await tls.DisposeAsync();
            if (failure is AuthenticationException && problem != SslPolicyErrors.None)
                throw new AuthenticationException(PemCertificate.NotTrusted(problem, "server", "the url", "peers.turnCaFile", caFile is not null), failure);
            throw;
        }
    }
}
