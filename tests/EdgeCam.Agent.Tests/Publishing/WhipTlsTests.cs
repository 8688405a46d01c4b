using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using EdgeCam.Agent.Publishing;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Publishing;

/// <summary>To whom a token is told: only to a server whose certificate leads to a trusted one and names it.</summary>
public sealed class WhipTlsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-whip-").FullName;
    private readonly TestAuthority _authority;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private string _heard = "";

    public WhipTlsTests()
    {
        _authority = new(_folder);
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task One_that_comes_from_the_file_of_authorities_is_told_it()
    {
        var session = await PublishAsync("localhost", _authority.File);
        Assert.Equal("v=0", session.Answer);
        Assert.Contains("Authorization: Bearer token", _heard, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost", false, "name that in publish[].caFile")]
    [InlineData("other.example", true, "is for another name")]
    public async Task Any_other_is_told_nothing_and_named_with_the_remedy(string host, bool hasCaFile, string named)
    {
        var failure = await Assert.ThrowsAsync<WhipException>(() => PublishAsync(host, hasCaFile ? _authority.File : null));
        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
        Assert.Equal("", _heard);
    }

    [Fact]
    public async Task One_of_another_authority_than_the_file_s_is_told_nothing()
    {
        using var other = new TestAuthority(_folder, "other");
        var failure = await Assert.ThrowsAsync<WhipException>(() => PublishAsync("localhost", other.File));
        Assert.Contains("does not come from those in publish[].caFile", failure.Message, StringComparison.Ordinal);
        Assert.Equal("", _heard);
    }

    [Fact]
    public void A_file_without_a_certificate_is_named()
    {
        var failure = Assert.Throws<WhipException>(() => WhipHttp.Create(Path.Combine(_folder, "nowhere.pem")));
        Assert.Contains("publish[].caFile cannot be used", failure.Message, StringComparison.Ordinal);
    }

    private async Task<WhipSession> PublishAsync(string host, string? caFile)
    {
        var (certificate, key) = _authority.Issue("server", host);
        var serving = ServeAsync(PemCertificate.Load(certificate, key));
        try
        {
            using var http = WhipHttp.Create(caFile);
            var endpoint = new Uri(string.Create(CultureInfo.InvariantCulture, $"https://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}/whip"));
            return await new WhipClient(http, TimeProvider.System).PublishAsync(endpoint, "token", "offer", TestContext.Current.CancellationToken);
        }
        finally
        {
            await serving;
        }
    }

    /// <summary>One connection: hears a request to its end, and answers it.</summary>
    private async Task ServeAsync(SslStreamCertificateContext certificate)
    {
        using var client = await _listener.AcceptTcpClientAsync();
        await using var tls = new SslStream(client.GetStream());
        try
        {
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = certificate });
            var buffer = new byte[4096];
            while (!_heard.EndsWith("offer", StringComparison.Ordinal) && await tls.ReadAsync(buffer) is > 0 and var length)
                _heard += Encoding.ASCII.GetString(buffer, 0, length);
            if (_heard.Length > 0)
                await tls.WriteAsync("HTTP/1.1 201 Created\r\nContent-Type: application/sdp\r\nLocation: /s/1\r\nContent-Length: 3\r\n\r\nv=0"u8.ToArray());
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            // It did not like the certificate.
        }
    }
}
