using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeCam.Agent.Peers.Interop;
using EdgeCam.Agent.Peers.Relays;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Tests.Relays;

/// <summary>One dial at a time: which address, what TLS says, and an answer whatever happens.</summary>
public sealed class RelayDialerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-dialer").FullName;
    private readonly WakeSignal _wake = new();

    public void Dispose()
    {
        _wake.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_tls_server_is_told_the_name_of_the_url()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=turn.edgecam.test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("turn.edgecam.test");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var caFile = Path.Combine(_folder, "ca.pem");
        await File.WriteAllTextAsync(caFile, certificate.ExportCertificatePem());
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = AcceptAsync(listener, certificate);

        var dialed = await DialAsync(Dial($"turns:turn.edgecam.test:{Port(listener)}"), caFile, IPAddress.Loopback);

        Assert.Null(dialed.Failure);
        Assert.Equal("turn.edgecam.test", await serving);
        dialed.Connection!.Dispose();
    }

    [Fact]
    public async Task Certificates_that_cannot_be_read_are_told_as_that()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        foreach (var file in new[] { _folder, Path.Combine(_folder, "gone.pem") }) // a folder is what may not be read, even by root
        {
            var dialed = await DialAsync(Dial($"turns:turn.edgecam.test:{Port(listener)}"), file, IPAddress.Loopback);
            Assert.Contains("peers.turnCaFile cannot be read", dialed.Failure, StringComparison.Ordinal);
            Assert.Empty(dialed.Addresses);
        }
    }

    [Fact]
    public async Task A_failure_that_nobody_thought_of_is_an_answer_too()
    {
        var dialed = await new RelayDialer(null, static _ => true, _wake, static (_, _) => throw new InvalidOperationException("odd"))
            .DialAsync(Dial("turn:turn.edgecam.test"), CancellationToken.None);

        Assert.Contains("InvalidOperationException: odd", dialed.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_being_stopped_has_no_answer()
    {
        using var stop = new CancellationTokenSource();
        var dialing = new RelayDialer(null, static _ => true, _wake, static async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return [];
        }).DialAsync(Dial("turn:turn.edgecam.test"), stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dialing);
    }

    [Theory]
    [InlineData(0, "192.0.2.1 192.0.2.2 2001:db8::1")]
    [InlineData(1, "192.0.2.2 2001:db8::1 192.0.2.1")]
    [InlineData(2, "2001:db8::1 192.0.2.1 192.0.2.2")]
    [InlineData(3, "192.0.2.1 192.0.2.2 2001:db8::1")]
    public async Task Each_address_of_a_name_has_its_turn(int index, string order)
    {
        var dialed = await DialAsync(
            Dial("turn:turn.edgecam.test", index), null, IPAddress.Parse("2001:db8::1"), IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2"));

        Assert.Equal(order, string.Join(' ', dialed.Addresses.Select(address => address.ToIPAddress())));
    }

    [Fact]
    public async Task A_socket_of_its_own_leads_to_the_address_whose_turn_it_is()
    {
        var dial = Dial("turn:turn.edgecam.test", 1) with { HasOwnSocket = true };
        var dialed = await DialAsync(dial, null, IPAddress.Parse("127.0.0.1"), IPAddress.Parse("127.0.0.2"));

        Assert.Equal("127.0.0.2", dialed.Connection!.Path.Remote.ToIPAddress().ToString());
        dialed.Connection.Dispose();
    }

    private static RelayDial Dial(string url, int index = 0)
    {
        Assert.True(TurnAddress.TryParse(url, out var address), url);
        return new(1, address!, default, HasOwnSocket: false, index);
    }

    private static int Port(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;

    private static async Task<string> AcceptAsync(TcpListener listener, X509Certificate2 certificate)
    {
        var name = "";
        using var client = await listener.AcceptTcpClientAsync();
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsServerAsync(
            (_, hello, _, _) =>
            {
                name = hello.ServerName;
                return ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificate = certificate });
            },
            null);
        return name;
    }

    private Task<RelayDialed> DialAsync(RelayDial dial, string? caFile, params IPAddress[] addresses) =>
        new RelayDialer(caFile, static _ => true, _wake, (_, _) => Task.FromResult(addresses)).DialAsync(dial, CancellationToken.None);
}
