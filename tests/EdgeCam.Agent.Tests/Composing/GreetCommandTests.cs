using System.Net;
using System.Text.Json;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Settings;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Composing;

/// <summary><c>edgecam greet</c>, as a console shows it.</summary>
public sealed class GreetCommandTests
{
    private static readonly IPAddress[] s_addresses = [IPAddress.Parse("192.168.1.7"), IPAddress.Parse("2001:db8::7")];

    [Fact]
    public void Bound_to_all_addresses_it_is_reached_by_its_mDNS_name_and_by_each_address()
    {
        var lines = Greet("""{ "http": { "bind": "0.0.0.0:8443", "allowPlaintext": true } }""");
        Assert.Contains("Page: http://porch.local:8443/", lines);
        Assert.Contains("   or: http://192.168.1.7:8443/", lines);
        Assert.DoesNotContain(lines, line => line.Contains("2001:db8::7", StringComparison.Ordinal)); // IPv4 alone is bound
        Assert.StartsWith("http://porch.local:8443/#device=porch&token=", lines[^1], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.Contains("Without a certificate", StringComparison.Ordinal));

        Assert.Contains("   or: http://[2001:db8::7]:8443/", Greet("""{ "http": { "bind": "[::]:8443", "allowPlaintext": true } }"""));
    }

    [Fact]
    public void No_link_is_made_before_the_clock_is_set()
    {
        using var keys = DeviceKeys.CreateForThisRun();
        var lines = GreetCommand.Lines(new(), keys, GreetCommand.Usual, "porch", s_addresses, new ManualTime(DateTimeOffset.UnixEpoch)).ToArray();
        Assert.StartsWith("Link: none yet. The clock is not set (1970-01-01)", lines[^1], StringComparison.Ordinal);
        Assert.DoesNotContain(lines, line => line.Contains("token=", StringComparison.Ordinal));
    }

    [Fact]
    public void Its_link_lets_view_move_and_switch_for_a_day()
    {
        using var keys = DeviceKeys.CreateForThisRun();
        var lines = GreetCommand.Lines(new(), keys, GreetCommand.Usual, "porch", s_addresses, TimeProvider.System).ToArray();
        var token = lines[^1].Split('#')[1].Split('&').Single(member => member.StartsWith("token=", StringComparison.Ordinal))["token=".Length..];
        using var verifier = new TokenVerifier("porch", keys.Signing, TimeProvider.System);
        var verified = verifier.Verify(token).Token!;
        Assert.Equal(AccessScope.View | AccessScope.Ptz | AccessScope.Gpio, verified.Scopes);
        Assert.InRange(verified.Expires.Left(TimeProvider.System), TimeSpan.FromHours(23), TimeSpan.FromHours(24));
        Assert.NotNull(verified.Holder);
    }

    [Fact]
    public void Bound_to_loopback_it_says_how_to_reach_it()
    {
        var lines = Greet("{}");
        Assert.Contains("Page: http://127.0.0.1:8080/", lines);
        Assert.Contains("  ssh -N -L 8080:127.0.0.1:8080 porch.local", lines);
    }

    [Theory]
    [InlineData("""{ "security": { "pageUrl": "https://cams.example.org/porch" } }""", "https://cams.example.org/porch")]
    [InlineData("""{ "http": { "hosts": ["porch.example.org"] } }""", "https://porch.example.org/")]
    [InlineData("""{ "http": { "enabled": false }, "security": { "pageUrl": "https://cams.example.org/porch" } }""", "https://cams.example.org/porch")]
    public void A_page_elsewhere_is_named_alone(string json, string page)
    {
        var lines = Greet(json);
        Assert.Equal([$"Page: {page}"], lines[1..^2]);
        Assert.StartsWith(page + "#device=porch&", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_page_there_is_no_link()
    {
        var lines = Greet("""{ "http": { "enabled": false }, "mqtt": { "broker": "mqtts://b" } }""");
        Assert.Equal("Broker: mqtts://b, topics below edgecam/v1/porch", lines[1]);
        Assert.StartsWith("Page: none", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void With_open_access_there_is_no_token()
    {
        var lines = Greet("""{ "security": { "access": "open" } }""");
        Assert.DoesNotContain(lines, line => line.Contains("token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_command_takes_a_configuration_and_a_time()
    {
        var folder = Directory.CreateTempSubdirectory("edgecam-greet-").FullName;
        try
        {
            var file = Path.Combine(folder, "edgecam.json");
            await File.WriteAllTextAsync(file, $$"""{ "device": { "id": "porch", "stateFolder": {{JsonSerializer.Serialize(Path.Combine(folder, "state"))}} } }""");
            Assert.Equal(0, (await RunAsync("--config", file, "--ttl", "7d")).Code);
            Assert.Contains("#device=porch&", (await RunAsync("--config", file)).Output, StringComparison.Ordinal);
            Assert.Equal(2, (await RunAsync("--config", file, "--ttl", "soon")).Code);
            Assert.Equal(2, (await RunAsync()).Code);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string[] Greet(string json)
    {
        var (options, mistakes) = AgentOptionsReader.Parse(json);
        Assert.Empty(mistakes);
        using var keys = DeviceKeys.CreateForThisRun();
        return [.. GreetCommand.Lines(options!, options!.Security.Mode == AccessMode.Open ? null : keys, GreetCommand.Usual, "Porch.lan", s_addresses, TimeProvider.System)];
    }

    private static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        var output = new StringWriter();
        return (await CommandLine.RunAsync(["greet", .. arguments], null!, output, new StringWriter()), output.ToString());
    }
}
