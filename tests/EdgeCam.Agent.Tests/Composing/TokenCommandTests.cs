using System.Text.Json;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Composing;

/// <summary><c>edgecam token</c>, as a maker types it.</summary>
public sealed class TokenCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-token-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_prints_a_token_and_a_link_that_the_device_takes()
    {
        var (code, output, errors) = await RunAsync("", "--scope", "view,ptz", "--ttl", "7d", "--name", "Ann", "--camera", "cam0");
        Assert.Equal(0, code);
        var (token, link) = (output.Split('\n')[0], output.Split('\n')[1]);
        using var keys = DeviceKeys.Load(Path.Combine(_folder, "state"));
        using var verifier = new TokenVerifier("porch", keys.Signing, TimeProvider.System);
        var verified = verifier.Verify(token).Token!;
        Assert.Equal(("Ann", AccessScope.View | AccessScope.Ptz), (verified.Name, verified.Scopes));
        Assert.InRange(verified.Expires.Left(TimeProvider.System), TimeSpan.FromDays(7) - TimeSpan.FromMinutes(1), TimeSpan.FromDays(7));

        Assert.StartsWith("http://127.0.0.1:8080/#", link, StringComparison.Ordinal);
        var members = link.Split('#')[1].Split('&').ToDictionary(member => member.Split('=')[0], member => member.Split('=')[1]);
        Assert.Equal(["device", "camera", "token", "key", "identity"], members.Keys);
        Assert.Equal(("porch", "cam0", token, keys.Identity.Thumbprint), (members["device"], members["camera"], members["token"], members["identity"]));
        Assert.Matches("^[A-Za-z0-9_-]{43}$", members["key"]);
        Assert.Contains("view, ptz", errors, StringComparison.Ordinal);
        Assert.Contains($"to be revoked as {verified.Id}:", errors, StringComparison.Ordinal);
        Assert.DoesNotContain(members["key"], errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bearer_token_has_no_key()
    {
        var (code, output, errors) = await RunAsync("", "--bearer");

        Assert.Equal(0, code);
        Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)); // the page would show it to nobody: a broker could see it
        Assert.DoesNotContain("link", errors, StringComparison.Ordinal);
        using var keys = DeviceKeys.Load(Path.Combine(_folder, "state"));
        using var verifier = new TokenVerifier("porch", keys.Signing, TimeProvider.System);
        var verified = verifier.Verify(output.Split('\n')[0]).Token!;
        Assert.Equal((null, AccessScope.View), (verified.Holder, verified.Scopes));
    }

    [Fact]
    public async Task A_bearer_token_has_a_link_where_tokens_alone_are_enough()
    {
        var (code, output, _) = await RunAsync(""", "security": { "access": "bearer" }""", "--bearer");

        Assert.Equal(0, code);
        Assert.StartsWith("http://127.0.0.1:8080/#", output.Split('\n')[1], StringComparison.Ordinal);
        Assert.DoesNotContain("key=", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Behind_a_proxy_the_maker_is_told_to_name_its_address()
    {
        var (_, _, errors) = await RunAsync(""", "http": { "hosts": ["porch.example.org"] }""");
        Assert.Contains("security.pageUrl should name the reverse proxy's https address", errors, StringComparison.Ordinal);

        (_, _, errors) = await RunAsync(""", "security": { "pageUrl": "https://porch.example.org/" }, "http": { "hosts": ["porch.example.org"] }""");
        Assert.DoesNotContain("pageUrl", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "pageUrl": "https://porch.example.org/view" }""", "{}", "https://porch.example.org/view#device=porch&")]
    [InlineData("{}", """{ "bind": "[::1]:8443" }""", "http://[::1]:8443/#")]
    [InlineData("{}", """{ "bind": "192.0.2.7:8080", "allowPlaintext": true }""", "http://192.0.2.7:8080/#")]
    [InlineData("{}", """{ "bind": "0.0.0.0:8080", "allowPlaintext": true, "hosts": ["porch.example.org"] }""", "https://porch.example.org/#")]
    public async Task A_link_begins_with_the_page(string security, string http, string begin)
    {
        var (code, output, errors) = await RunAsync($$""", "security": {{security}}, "http": {{http}}""");

        Assert.True(code == 0, errors);
        Assert.StartsWith(begin, output.Split('\n')[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "--ttl takes", "--ttl", "soon")]
    [InlineData(2, "--ttl takes", "--ttl", "0h")]
    [InlineData(2, "at most 400d", "--ttl", "401d")]
    [InlineData(2, "--scope takes", "--scope", "fly")]
    [InlineData(2, "--scope takes", "--scope", ",")]
    [InlineData(2, "--name takes", "--name", "")]
    [InlineData(2, "--scope needs a value", "--scope")]
    [InlineData(2, "--wings is not understood", "--wings")]
    [InlineData(2, "there is no camera garden; there is: cam0", "--camera", "garden")]
    public async Task A_mistake_is_said_in_words(int code, string words, params string[] arguments)
    {
        var (ended, output, errors) = await RunAsync("", arguments);

        Assert.Equal((code, ""), (ended, output));
        Assert.Contains(words, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_access_needs_none()
    {
        var (code, output, errors) = await RunAsync(""", "security": { "access": "open" }""");

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("needs no token", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_others_may_read_stops_the_command_and_the_start()
    {
        await RunAsync("");
        var file = Path.Combine(_folder, "state", DeviceKeys.SigningFile);
#pragma warning disable CA1416 // EdgeCam runs on Linux
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
#pragma warning restore CA1416

        var (code, output, errors) = await RunAsync("");
        Assert.Equal((3, ""), (code, output));
        Assert.Contains("device.stateFolder: ", errors, StringComparison.Ordinal);
        Assert.Contains("chmod 600", errors, StringComparison.Ordinal);

        var options = new AgentOptions(Device: new(StateFolder: Path.Combine(_folder, "state")), Mqtt: new(Embedded: new(Port: 0)));
        var failure = Assert.Throws<StartFailureException>(() => new Composition(options, (_, _, _, _, _) => new FakePlane(new()), NullLoggerFactory.Instance, TimeProvider.System));
        Assert.Equal("device.stateFolder", failure.Mistake.Key);
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(string more, params string[] arguments)
    {
        var file = Path.Combine(_folder, "edgecam.json");
        await File.WriteAllTextAsync(file, $$"""{ "device": { "id": "porch", "stateFolder": {{JsonSerializer.Serialize(Path.Combine(_folder, "state"))}} }{{more}} }""");
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await CommandLine.RunAsync(["token", "--config", file, .. arguments], (_, _, _, _, _) => new FakePlane(new()), output, errors);
        return (code, output.ToString(), errors.ToString());
    }
}
