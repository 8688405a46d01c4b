using System.Text.Json;
using EdgeCam.Agent.Peers.Checks;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Relays;

/// <summary>What <c>edgecam check --network</c> says, with a real coturn and without.</summary>
public sealed class NetworkCheckTests
{
    [Fact]
    public async Task Servers_that_work_are_told_with_their_distance()
    {
        await using var coturn = await Coturn.WithSecretAsync("secret");
        await using var other = await Coturn.WithSecretAsync("secret");

        var (code, text) = await CheckAsync(
            [$"127.0.0.1:{coturn.Port}", $"127.0.0.1:{other.Port}"],
            [$"turn:127.0.0.1:{coturn.Port}?transport=udp", $"turn:localhost:{coturn.Port}?transport=tcp", $"turns:localhost:{coturn.TlsPort}?transport=tcp"],
            "secret", coturn.CaFile);

        Assert.True(code == ExitCode.Success, text);
        Assert.Equal(2, Count(text, "sees this device as 127.0.0.1:"));
        Assert.Equal(3, Count(text, " and relays; the server is "));
        Assert.Contains("NAT mapping: none", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_server_that_does_not_work_is_told_with_a_remedy()
    {
        await using var coturn = await Coturn.WithSecretAsync("secret");

        var (code, text) = await CheckAsync(
            [$"127.0.0.1:{FreePort.Tcp()}"],
            [$"turn:127.0.0.1:{coturn.Port}", "turn:127.0.0.1:9?transport=tcp", $"turns:localhost:{coturn.TlsPort}"], "another secret", null);

        Assert.Equal(ExitCode.Network, code);
        Assert.Contains("no answer over UDP: check host and port", text, StringComparison.Ordinal);
        Assert.Contains("check that secretFile holds the server's secret", text, StringComparison.Ordinal);
        Assert.Contains("no connection by TCP", text, StringComparison.Ordinal);
        Assert.Contains("name that in peers.turnCaFile", text, StringComparison.Ordinal);
        Assert.DoesNotContain("another secret", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_gives_addresses_and_does_not_relay_is_found_out()
    {
        await using var coturn = await Coturn.WithUserAsync("alice", "pw", "--denied-peer-ip=0.0.0.0-255.255.255.255");
        var (code, text) = await CheckAsync([], [$"turn:127.0.0.1:{coturn.Port}"], "pw", null, user: "alice");

        Assert.Equal(ExitCode.Network, code);
        Assert.Contains("see its denied-peer-ip", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_servers_there_is_nothing_to_fail()
    {
        var (code, text) = await CheckAsync([], [], "-", null);
        Assert.Equal(ExitCode.Success, code);
        Assert.Contains("viewers on the same network only", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unknown: no server", "a:1=")]
    [InlineData("none:", "192.0.2.1:1=10.0.0.2:5", "192.0.2.2:1=10.0.0.2:5")]
    [InlineData("unknown: only one address answered", "192.0.2.1:1=203.0.113.1:5")]
    [InlineData("unknown: only one address answered", "192.0.2.1:1=203.0.113.1:5", "192.0.2.1:1=203.0.113.1:5")] // the same one twice
    [InlineData("unknown: only one address answered", "192.0.2.1:1=203.0.113.1:5", "192.0.2.1:2=203.0.113.1:5")] // address-dependent ones do that too
    [InlineData("endpoint-independent", "192.0.2.1:1=203.0.113.1:5", "192.0.2.2:1=203.0.113.1:5")]
    [InlineData("address-dependent, perhaps port-dependent too", "192.0.2.1:1=203.0.113.1:5", "192.0.2.2:1=203.0.113.1:6")]
    [InlineData("address-dependent (", "192.0.2.1:1=203.0.113.1:5", "192.0.2.1:2=203.0.113.1:5", "192.0.2.2:1=203.0.113.1:6")]
    [InlineData("address- and port-dependent", "192.0.2.1:1=203.0.113.1:5", "192.0.2.1:2=203.0.113.1:6")]
    [InlineData("address- and port-dependent", "192.0.2.1:1=203.0.113.1:5", "192.0.2.1:2=203.0.113.1:6", "192.0.2.2:1=203.0.113.1:5")]
    public void The_mapping_follows_from_what_servers_see(string words, params string[] seen)
    {
        var answers = seen.Select(pair =>
        {
            var sides = pair.Split('=');
            return new StunAnswer(sides[0], Parse(sides[0]), Parse(sides[1]), default, null);
        });
        Assert.StartsWith(words, NatMapping.Describe(Parse("10.0.0.2:5"), answers), StringComparison.Ordinal);
    }

    private static TransportAddress Parse(string text) =>
        text.Split(':') is [var address, var port] && TransportAddress.TryParse(address, ushort.Parse(port, System.Globalization.CultureInfo.InvariantCulture), out var parsed) ? parsed : default;

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static async Task<(int Code, string Text)> CheckAsync(string[] stun, string[] turn, string secret, string? caFile, string? user = null)
    {
        var folder = Directory.CreateTempSubdirectory("edgecam-check").FullName;
        var (secretFile, file) = (Path.Combine(folder, "secret"), Path.Combine(folder, "edgecam.json"));
        await File.WriteAllTextAsync(secretFile, secret + "\n");
        var servers = turn.Select(url => user is null ? (object)new { url, secretFile } : new { url, username = user, passwordFile = secretFile });
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new { peers = new { stunServers = stun, turnServers = servers, turnCaFile = caFile } }));
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await CommandLine.RunAsync(
            ["check", "--network", "--config", file], static (_, _, _, _, _) => throw new InvalidOperationException("nothing is started"), output, errors);
        Directory.Delete(folder, recursive: true);
        return (code, output.ToString() + errors);
    }
}
